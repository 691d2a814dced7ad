// smoldot: a light client that knows nothing but the chain spec and one peer, and follows finality.
//
//     node light-client.mjs RAW_SPEC BOOTNODE BLOCKS
//
// Reports the number and hash of the last of BLOCKS finalised heads it was told of after its start.

import { readFileSync } from 'node:fs';
import { start } from 'smoldot';
import { check } from './common.mjs';

/** The block number of a header: a compact integer behind the 32 bytes of the parent's hash. */
function blockNumber(header) {
	const bytes = Buffer.from(header.slice(2), 'hex').subarray(32);
	switch (bytes[0] & 3) {
		case 0:
			return bytes[0] >> 2;
		case 1:
			return bytes.readUInt16LE(0) >> 2;
		default:
			return bytes.readUInt32LE(0) >>> 2;
	}
}

/** A chain as a conversation: `ask` one thing, `listen` for what it says by itself. */
function conversation(chain) {
	const asked = new Map();
	let hear = () => {};
	let id = 0;
	(async () => {
		for await (const text of chain.jsonRpcResponses) {
			const message = JSON.parse(text);
			if (message.id === undefined) hear(message.params.result);
			else {
				const { resolve, reject } = asked.get(message.id);
				if (message.error) reject(new Error(message.error.message));
				else resolve(message.result);
			}
		}
	})();
	return {
		ask: (method, ...params) =>
			new Promise((resolve, reject) => {
				asked.set(++id, { resolve, reject });
				chain.sendJsonRpc(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
			}),
		listen: (listener) => {
			hear = listener;
		},
	};
}

check(async (specFile, bootnode, blocks) => {
	const spec = { ...JSON.parse(readFileSync(specFile, 'utf8')), bootNodes: [bootnode] };
	const client = start({ maxLogLevel: 2, logCallback: (_, target, text) => console.error(target, text) });
	const chain = await client.addChain({ chainSpec: JSON.stringify(spec) });
	const { ask, listen } = conversation(chain);

	const followed = new Promise((resolve, reject) => {
		let initial;
		let seen = 0;
		listen((event) => {
			if (event.event === 'stop') reject(new Error('the light client lost its view'));
			if (event.event === 'initialized') initial = event.finalizedBlockHashes.at(-1);
			if (event.event !== 'finalized') return;
			seen += event.finalizedBlockHashes.length;
			if (seen >= Number(blocks)) {
				resolve({ initial, seen, last: event.finalizedBlockHashes.at(-1) });
			}
		});
	});
	const subscription = await ask('chainHead_v1_follow', false);
	const { initial, seen, last } = await followed;

	const header = await ask('chainHead_v1_header', subscription, last);
	return { seen, number: blockNumber(header), hash: last, initial };
});
