// polkadot-api: a transfer through the new JSON-RPC (chainHead, transaction), without descriptors.
//
//     node papi.mjs WS_URL
//
// Reports whether it succeeded, the final block it is in and what arrived.

import { Enum, createClient } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws';
import { WebSocket } from 'ws';
import { TOKEN, check, dev, stranger } from './common.mjs';

check(async (url) => {
	// Node 20 has no WebSocket of its own.
	const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
	const api = client.getUnsafeApi();

	const bob = dev('Bob');
	const signer = getPolkadotSigner(bob.publicKey, 'Sr25519', (payload) => bob.sign(payload));
	const receiver = stranger().address;
	const transfer = api.tx.Balances.transfer_keep_alive({
		dest: Enum('Id', receiver),
		value: TOKEN,
	});
	const { ok, block } = await transfer.signAndSubmit(signer);

	const account = await api.query.System.Account.getValue(receiver, { at: block.hash });
	return { ok, block: block.number, hash: block.hash, received: account.data.free / TOKEN };
});
