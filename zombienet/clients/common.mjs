// What the client checks share. A check is a program: arguments in, on stdout a line `report: ` with
// JSON behind it, exit code 0 when the report could be made, a reason on stderr when not.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

/** One token, the unit of every amount in these checks (12 decimals). */
export const TOKEN = 10n ** 12n;

/** A well-known development account: `dev('Alice')`. */
export const dev = (name) => new Keyring({ type: 'sr25519' }).addFromUri(`//${name}`);

/** A fresh account that has never been on the chain. */
export const stranger = () => dev(`stranger/${Date.now()}/${process.pid}`);

/** Runs a check: reports what it returns, or says why it could not, and ends the process. */
export async function check(body) {
	try {
		const report = await body(...process.argv.slice(2));
		const json = JSON.stringify(report, (_, v) => (typeof v === 'bigint' ? `${v}` : v));
		// Clients print lines of their own: ours begins a new one.
		process.stdout.write(`\nreport: ${json}\n`, () => process.exit(0));
	} catch (reason) {
		console.error(reason);
		process.exit(1);
	}
}

/** A connected `@polkadot/api`, as quiet as it can be. */
export async function connect(url) {
	const provider = new WsProvider(url, 1000);
	const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
	return { api, provider };
}

/** Signs, submits and waits until final: the block, and the name of the error if it failed. */
export function finalise(api, tx, signer, options = {}) {
	return new Promise((resolve, reject) => {
		tx.signAndSend(signer, options, ({ status, dispatchError, isError }) => {
			if (status.isFinalized) {
				resolve({ block: status.asFinalized.toHex(), error: errorName(api, dispatchError) });
			} else if (isError) {
				reject(new Error(`the transaction ended as ${status.type}`));
			}
		}).catch(reject);
	});
}

/** `pallet.Error` of a failed dispatch, null of a successful one. */
function errorName(api, dispatchError) {
	if (!dispatchError) return null;
	if (!dispatchError.isModule) return dispatchError.toString();
	const { section, name } = api.registry.findMetaError(dispatchError.asModule);
	return `${section}.${name}`;
}

/** Waits until `condition` gives something other than undefined or false, looking twice a second. */
export async function until(condition) {
	for (;;) {
		const found = await condition();
		if (found !== undefined && found !== false) return found;
		await new Promise((resume) => setTimeout(resume, 500));
	}
}
