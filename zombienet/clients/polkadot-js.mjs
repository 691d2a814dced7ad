// polkadot-js: reads the metadata, then signs three transfers at once and waits until all are final.
//
//     node polkadot-js.mjs WS_URL
//
// Reports the metadata's versions and pallets, the blocks of the transfers and what arrived.

import { TOKEN, check, connect, dev, finalise, stranger } from './common.mjs';

check(async (url) => {
	const { api } = await connect(url);
	const alice = dev('Alice');
	const receiver = stranger().address;

	// Numbered by hand: three of the library's own `nonce: -1` at once would collide.
	const first = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
	const transfers = await Promise.all(
		[first, first + 1, first + 2].map((nonce) =>
			finalise(api, api.tx.balances.transferKeepAlive(receiver, TOKEN), alice, { nonce }),
		),
	);

	// Each version as a client gets it that asks for it by number: "meta", the number, the rest.
	const read = [];
	for (const version of [14, 15, 16]) {
		const metadata = (await api.call.metadata.metadataAtVersion(version)).unwrap();
		const bytes = metadata.toU8a(true);
		read.push({ magic: new TextDecoder().decode(bytes.slice(0, 4)), version: bytes[4], length: bytes.length });
	}

	const { data } = await api.query.system.account(receiver);
	return {
		metadata: (await api.call.metadata.metadataVersions()).toJSON(),
		read,
		pallets: api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString()),
		transfers,
		received: data.free.toBigInt() / TOKEN,
	};
});
