// chopsticks: forks the running network and builds a block of its own on top of it.
//
//     node chopsticks.mjs WS_URL
//
// The upstream node must keep its states (`--state-pruning archive`). Reports the block forked from,
// the block built, and what a transfer inside it moved.

import { setupWithServer } from '@acala-network/chopsticks';
import { TOKEN, check, connect, dev, stranger } from './common.mjs';

check(async (url) => {
	const fork = await setupWithServer({
		endpoint: url,
		host: '127.0.0.1',
		port: 0,
		'build-block-mode': 'Manual',
	});
	const { api, provider } = await connect(`ws://${fork.addr}`);
	const parent = await api.rpc.chain.getHeader();

	const receiver = stranger().address;
	await api.tx.balances.transferKeepAlive(receiver, TOKEN).signAndSend(dev('Alice'));
	const built = await provider.send('dev_newBlock', []);

	const head = await api.rpc.chain.getHeader(built);
	const { data } = await api.query.system.account(receiver);
	return {
		forked: parent.number.toNumber(),
		forkedHash: parent.hash.toHex(),
		built: head.number.toNumber(),
		builtHash: built,
		parent: head.parentHash.toHex(),
		received: data.free.toBigInt() / TOKEN,
	};
});
