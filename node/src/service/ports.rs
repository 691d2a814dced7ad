//! Finds ports that are taken before anything is started.
//!
//! The servers of the SDK do not: its RPC server silently takes another port, its p2p back ends
//! and its Prometheus endpoint carry on without one, and the node looks healthy while nobody
//! reaches it.

use sc_network::multiaddr::{Multiaddr, Protocol};
use sc_service::{Configuration, Error};
use std::{
	io::{self, ErrorKind},
	net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
};

/// What says where RPC listens; one excludes the other.
pub(super) const RPC_FLAGS: &str = "--rpc-port, or in --experimental-rpc-endpoint";

/// What a port carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
	Tcp,
	Udp,
}

/// Whether the node can listen wherever it is told to. Somebody else may take a port a moment
/// later; what is wrong all the time is found.
pub(super) fn check(config: &Configuration) -> Result<(), Error> {
	let p2p = config.network.listen_addresses.iter().filter_map(socket);
	let rpc = config.rpc.addr.iter().flatten();
	let prometheus = config.prometheus_config.iter();
	let wanted = p2p
		.map(|(address, transport)| (address, transport, "the network", "--port or --listen-addr"))
		.chain(
			rpc.filter(|endpoint| !endpoint.retry_random_port)
				.map(|endpoint| (endpoint.listen_addr, Transport::Tcp, "RPC", RPC_FLAGS)),
		)
		.chain(prometheus.map(|prometheus| {
			let flag = "--prometheus-port, or --no-prometheus";
			(prometheus.port, Transport::Tcp, "Prometheus", flag)
		}));
	for (address, transport, purpose, flag) in wanted {
		if let Err(error) = try_bind(address, transport) {
			return Err(refusal(address, purpose, flag, &error));
		}
	}
	Ok(())
}

/// What to tell about an address that cannot be had.
fn refusal(address: SocketAddr, purpose: &str, flag: &str, error: &io::Error) -> Error {
	let port = address.port();
	Error::Other(if error.kind() == ErrorKind::PermissionDenied {
		format!(
			"this user may not open port {port}, which is wanted for {purpose}. Choose one above \
			 1023 with {flag}"
		)
	} else {
		format!(
			"port {port} of {} is wanted for {purpose}, and another program listens there. Is the \
			 node already running? Stop that program, or choose another port with {flag}",
			address.ip()
		)
	})
}

/// Fails when the port is taken or forbidden. Other failures (a machine without IPv6) are none of
/// ours: the SDK knows which addresses it can do without.
fn try_bind(address: SocketAddr, transport: Transport) -> io::Result<()> {
	let bound = match transport {
		Transport::Tcp => TcpListener::bind(address).map(drop),
		Transport::Udp => UdpSocket::bind(address).map(drop),
	};
	bound.or_else(|error| match error.kind() {
		ErrorKind::AddrInUse | ErrorKind::PermissionDenied => Err(error),
		_ => Ok(()),
	})
}

/// Where an address of the network listens, if that is an address of this machine.
fn socket(address: &Multiaddr) -> Option<(SocketAddr, Transport)> {
	let mut parts = address.iter();
	let ip = match parts.next()? {
		Protocol::Ip4(ip) => IpAddr::V4(ip),
		Protocol::Ip6(ip) => IpAddr::V6(ip),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some((SocketAddr::new(ip, port), Transport::Tcp)),
		Protocol::Udp(port) => Some((SocketAddr::new(ip, port), Transport::Udp)),
		_ => None,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_taken_port_is_found_and_a_free_one_is_not() {
		let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
		let address = taken.local_addr().expect("is bound");
		assert!(try_bind(address, Transport::Tcp).is_err());
		drop(taken);
		assert!(try_bind(address, Transport::Tcp).is_ok());
	}

	#[test]
	fn the_sockets_of_network_addresses_are_read() {
		let read = |text: &str| socket(&text.parse().expect("an address"));
		let expected = |text: &str, transport| Some((text.parse().expect("a socket"), transport));
		assert_eq!(
			read("/ip4/127.0.0.1/tcp/7/ws"),
			expected("127.0.0.1:7", Transport::Tcp)
		);
		assert_eq!(
			read("/ip6/::1/udp/7/webrtc-direct"),
			expected("[::1]:7", Transport::Udp)
		);
		assert_eq!(read("/dns/example.com/tcp/7"), None);
	}

	#[test]
	fn the_message_names_port_purpose_and_flag() {
		let address = "127.0.0.1:9944".parse().expect("a socket");
		let error = io::Error::from(ErrorKind::AddrInUse);
		let message = refusal(address, "RPC", "--rpc-port", &error).to_string();
		for part in ["9944", "RPC", "--rpc-port"] {
			assert!(message.contains(part), "{message}");
		}
	}
}
