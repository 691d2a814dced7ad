//! The stakers of each network: well-known accounts with well-known keys.
//!
//! The key of `//Alice` is what `vigil-node heartbeat-key inspect --suri //Alice` shows, and its proof what
//! `vigil-node heartbeat-key prove` makes for a genesis, that is for chain zero. A test of the node makes
//! them again.

use super::Keyring;
use crate::AccountId;
use alloc::vec::Vec;
use pallet_heartbeat::{GenesisStaker, Stake};
use sp_core::{bytes::from_hex, Bytes};

/// What each of them has staked: a thousand tokens.
const STAKE: Stake = 10_000_000;

/// The stakers of genesis, in the order of their indices.
pub(super) fn stakers(names: &[Keyring]) -> Vec<GenesisStaker<AccountId>> {
	names.iter().map(|name| name.staker()).collect()
}

impl Keyring {
	fn staker(self) -> GenesisStaker<AccountId> {
		let (key, proof) = self.key_and_proof();
		GenesisStaker {
			owner: self.account(),
			key: bytes(key),
			proof: bytes(proof),
			stake: STAKE,
		}
	}

	/// Public key and proof of possession, hexadecimal.
	fn key_and_proof(self) -> (&'static str, &'static str) {
		match self {
			Self::Alice => (
				"a7bd26bdef592050c34c11f805bbbbef2095c798d88836a8f6374fd11e6a715534dedabae62cddf1ec9f1ae13e3ae580",
				"a2dc247dfbb953464efc388196e98501cc29eaa03258e10d2401fb7ea49cb4d08cb75f11380df3c294c1c1c7ffd32c1e\
				 0a0217953ba1bee5e24922340d05eb01b481d4fc4e573fb2ab9e2baee65b2bb5d6989b4c29b058bdfe3caaf4d40052c8",
			),
			Self::Bob => (
				"ac91ab1cb207081f615b0f1f00913124a2f836beb51d46cafd85a5a9bd1dc257d22d2c6730d9b49f155599c437d66283",
				"9082dd35038e08df03186d52e56ca88f7c8610b56370d4d9841a158b6bf953aea42de1df05cfaa7a05de47a828501354\
				 0aae03aaee93bffd231fece6cd7058a4acebe5752f2d1f2d288e334af2f1f08ecd8f88f14858277b21692e9d67003f2b",
			),
			Self::Charlie => (
				"828420ab879da4ef0943b5aa8a284b20c38c523d6e51c930d238e59dfeb42d2bc7441e80eb3c6a9dfa993a5375294f51",
				"836b52ef058dfdf476636e806ee04568a0929c3bac76f5c04e5817f7c3a4f4c08f678108eda3651d39d89f564281ba74\
				 082ba597717625462c7799363d04301b4e267470ef3eeb3df5b9bcf0b881e13c33e18829f125269c621eeb741d31258c",
			),
			Self::Dave => (
				"ab6933853aa9cdd48a125a406d24b17bdade21dbf9bebe2cfaf71af71a0f735e9f9d7b70fdcb3de60da288c79d10dc63",
				"a849815a1fef64d72f80d24a55add6907df0883a0dd9eb623b12ee84cba947deec09bb1b0f3479362409e579cdccbe5e\
				 0b57556ce46cb48d149f4c0e4a8ce5e777e75000d68df09d4d55b9724e9e4581ca5cf57126a5f4d7d2494e270390a523",
			),
			Self::Eve => (
				"b66edf20e74d41a173851f97a06efef77be92989963f9f3d81e14a9aebf988f6c8feba12269dcac286a943d8444e8d3c",
				"a4219cc7d01ddbf9a871fdf425a9473370798adab7984f509493be576b28bd1594d8e33986f92c50d747339ed05d5fbf\
				 118b6fbae3c7fdd2d4194a2196db4c95344140b999b9dc20f68ffb1048719286cc7f088e2225845327f0495002fd4ba5",
			),
			Self::Ferdie => (
				"99cd93707593877edb77dc6c18233e2d452277a6c4f98d5e51fe1dd900183f0f5e729ce31330c44bfd468362ef3bbc92",
				"91c27c2af5a492984979232ed5ab4b50a093336da47c3801c8c2f972c809124f9055e3d42188712033d3c288c1441648\
				 142fe5210f7073945fb28cdeab534d88689d0c5d7b600f19cf7dc85c3e34a91ffe1eff9d80122818da3830d1ea439ba2",
			),
			Self::One => (
				"a0b6628ccd33f7b3aa782b135da87da348ceac7fc04a4f805fb4a1193be8225c4b1c24a8d7d26a501f004039679fb1d8",
				"8858f4fc5d38acf56b33c06203f3b2d9c8d9e6106cfe0f97baf9caccf9e6ecc8857586e3f0cf1e634678a77d6d930bb3\
				 03ac091f291b697f48b52bbdb7f2f66d36a3775f7191c8ca621ffebd2bb1567baef293a229d686b8f01107fd74c2c1c0",
			),
			Self::Two => (
				"a2c1e4abc93bb1f0daded313e2b2ea0be79b09fccc782676ce44d1a46fe8aa51c4db22152146f99b345d35c56b441419",
				"a09c9aefc358edcad90e29bc638a6c4bc8974d3919cc9fdfb5ed89ec3f77bba53f564052f2dfb10ee005f2ed1fcaf77b\
				 180e1070412d878aeab6b9bcb5045bb60117ce9b24c8837180ca243870a39fe154bc56d93919f579af4c756f8bca82f2",
			),
		}
	}
}

/// The constants above are hexadecimal; a genesis without a key would be refused.
fn bytes(hex: &str) -> Bytes {
	Bytes(from_hex(hex).unwrap_or_default())
}
