// Session keys: new ones made inside a node, submitted with the proof that the owner holds them.
//
//     node session-keys.mjs WS_URL NAME submit    once with somebody else's proof, once with its own
//     node session-keys.mjs WS_URL NAME seated    waits until the next keys of NAME are those in use
//
// Reports what became of each attempt; the keys as { aura, grandpa, … } in hex.

import { check, connect, dev, finalise, until } from './common.mjs';

/** Asks the node for new keys owned by `owner`. Not decorated by @polkadot/api: sent raw. */
const rotate = (provider, owner) =>
	provider.send('author_rotateKeysWithOwner', [`0x${Buffer.from(owner.publicKey).toString('hex')}`]);

/** The keys that `owner` will have from the next session that is not planned yet. */
const nextKeys = async (api, owner) => (await api.query.session.nextKeys(owner.address)).toJSON();

async function submit(api, provider, owner, other) {
	const before = await nextKeys(api, owner);
	const foreign = await rotate(provider, other);
	const refused = await finalise(api, api.tx.session.setKeys(foreign.keys, foreign.proof), owner);
	const kept = await nextKeys(api, owner);

	const own = await rotate(provider, owner);
	const accepted = await finalise(api, api.tx.session.setKeys(own.keys, own.proof), owner);
	const after = (await api.query.session.nextKeys(owner.address)).unwrap();
	return {
		refused: refused.error,
		keptAfterRefusal: JSON.stringify(before) === JSON.stringify(kept),
		accepted: accepted.error === null,
		stored: after.toHex() === own.keys,
	};
}

async function seated(api, owner) {
	const next = await nextKeys(api, owner);
	const inUse = async () => {
		const [aura, grandpa] = await Promise.all([
			api.query.aura.authorities(),
			api.query.grandpa.authorities(),
		]);
		return (
			aura.toJSON().includes(next.aura) &&
			grandpa.toJSON().some(([key]) => key === next.grandpa)
		);
	};
	await until(inUse);
	return { seated: next };
}

check(async (url, name, act) => {
	const { api, provider } = await connect(url);
	const owner = dev(name);
	if (act === 'submit') {
		return submit(api, provider, owner, dev(name === 'Alice' ? 'Bob' : 'Alice'));
	}
	if (act === 'seated') return seated(api, owner);
	throw new Error(`say submit or seated, not ${act}`);
});
