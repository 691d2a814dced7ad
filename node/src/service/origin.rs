//! Keeps web pages of foreign origins away from the RPC server.
//!
//! A page can open a WebSocket to, and post to, any port of its reader's own machine. The browser
//! says in the `Origin` header whose page it is; the SDK's server leaves the judgement to the
//! browser (CORS), which knows none for WebSockets. So a gate stands in front of every loopback
//! endpoint with a list of origins: it reads the head of each request, answers those of foreign
//! origins with 403, and hands everything else on as it is. It guards against browsers, which
//! cannot forge the header; any other program on this machine is trusted, as it is by the server.
//!
//! The server itself listens on the same port of an address that browsers get no answer from: it
//! serves no `Host` but localhost, 127.0.0.1 and \[::1\], and none of them leads there.
//! `--rpc-cors all` does without the gate; endpoints for other machines have none, because the
//! server refuses their unsafe calls unless told otherwise.

mod head;

use super::ports::RPC_FLAGS;
use futures::future::{pending, select};
use head::{Head, Verdict};
use sc_service::{config::RpcConfiguration, Error, SpawnTaskHandle};
use std::{
	io::{self, ErrorKind},
	net::{Ipv4Addr, SocketAddr},
	pin::pin,
	sync::Arc,
	time::Duration,
};
use tokio::{
	io::{copy, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
	net::{
		tcp::{OwnedReadHalf, OwnedWriteHalf},
		TcpListener, TcpStream,
	},
	sync::Semaphore,
	time::timeout,
};

const LOG_TARGET: &str = "rpc";

/// Where the server listens: 127.86.71.x ("VG"). Linux serves all of 127.0.0.0/8.
const INNER: [u8; 3] = [127, 86, 71];
/// The server reads no longer head either.
const MAX_HEAD: u64 = 64 * 1024;
/// A connection without a request holds its place for this long.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// Connections beyond the server's bound, so that it is the server that refuses the next one.
const SPARE_CONNECTIONS: usize = 16;
/// What a client may still be sending after it got its answer is read for this long: closing
/// earlier would take the answer away from it.
const LINGER: Duration = Duration::from_secs(1);

/// Listeners in front of the RPC server.
pub(super) struct Gates(Vec<Gate>);

struct Gate {
	outer: TcpListener,
	inner: SocketAddr,
	allowed: Arc<[String]>,
	places: Arc<Semaphore>,
}

impl Gates {
	/// Take the place of the loopback endpoints, and move the server behind.
	pub(super) fn open(rpc: &mut RpcConfiguration) -> Result<Self, Error> {
		let mut gates = Vec::new();
		let mut endpoints = Vec::new();
		for mut endpoint in rpc.addr.take().into_iter().flatten() {
			let Some(allowed) = endpoint.cors.clone().filter(|_| {
				let ip = endpoint.listen_addr.ip();
				ip.is_loopback()
			}) else {
				endpoints.push(endpoint);
				continue;
			};
			let outer = match bind(endpoint.listen_addr, endpoint.retry_random_port) {
				Ok(outer) => outer,
				Err(_) if endpoint.is_optional => continue,
				Err(error) => {
					let address = endpoint.listen_addr;
					return Err(Error::Other(format!(
						"cannot listen for RPC on {address}: {error}. Choose another port with \
						 {RPC_FLAGS}"
					)));
				}
			};
			let number = u8::try_from(gates.len() + 1).map_err(|_| "too many RPC endpoints")?;
			let ip = Ipv4Addr::new(INNER[0], INNER[1], INNER[2], number);
			let inner = SocketAddr::from((ip, outer.local_addr()?.port()));
			let places = endpoint.max_connections as usize;
			gates.push(Gate {
				outer,
				inner,
				allowed: allowed.into(),
				places: Arc::new(Semaphore::new(places.saturating_add(SPARE_CONNECTIONS))),
			});
			endpoint.listen_addr = inner;
			endpoint.retry_random_port = false;
			endpoint.is_optional = false;
			endpoints.push(endpoint);
		}
		rpc.addr = Some(endpoints);
		Ok(Self(gates))
	}

	/// Let clients in. The server must listen.
	pub(super) fn serve(self, tasks: &SpawnTaskHandle) {
		for gate in self.0 {
			if let Ok(address) = gate.outer.local_addr() {
				let origins = gate.allowed.join(", ");
				log::info!(
					target: LOG_TARGET,
					"🚪 RPC on {address}, for programs and for web pages of {origins}. Calls that act \
					 in the name of this node need --rpc-methods unsafe",
				);
			}
			tasks.spawn("rpc-origin-gate", Some("rpc"), gate.serve(tasks.clone()));
		}
	}
}

/// A listener on `address`, or on any port if that may be.
fn bind(mut address: SocketAddr, any_port: bool) -> io::Result<TcpListener> {
	let listener = match std::net::TcpListener::bind(address) {
		Err(_) if any_port => {
			address.set_port(0);
			std::net::TcpListener::bind(address)
		}
		result => result,
	}?;
	listener.set_nonblocking(true)?;
	TcpListener::from_std(listener)
}

impl Gate {
	async fn serve(self, tasks: SpawnTaskHandle) {
		loop {
			let Ok(place) = self.places.clone().acquire_owned().await else {
				return;
			};
			let client = match self.outer.accept().await {
				Ok((client, _)) => client,
				Err(error) => {
					// Out of file descriptors, most likely: trying again at once would not help.
					log::debug!(target: LOG_TARGET, "cannot accept a connection: {error}");
					futures_timer::Delay::new(Duration::from_millis(100)).await;
					continue;
				}
			};
			let (inner, allowed) = (self.inner, self.allowed.clone());
			tasks.spawn("rpc-connection", Some("rpc"), async move {
				if let Err(error) = connection(client, inner, &allowed).await {
					log::debug!(target: LOG_TARGET, "connection ended: {error}");
				}
				drop(place);
			});
		}
	}
}

/// Serve one client until it or the server is done.
async fn connection(client: TcpStream, inner: SocketAddr, allowed: &[String]) -> io::Result<()> {
	client.set_nodelay(true)?;
	let (from_client, mut to_client) = client.into_split();
	let mut from_client = BufReader::new(from_client);
	let Ok(first) = timeout(HEAD_PATIENCE, read_head(&mut from_client)).await else {
		return Ok(());
	};
	let Some(first) = first? else {
		return Ok(());
	};
	let refusal = if let Verdict::Refuse(answer) = first.judge(allowed) {
		Some(answer)
	} else {
		let server = TcpStream::connect(inner).await?;
		server.set_nodelay(true)?;
		let (mut from_server, to_server) = server.into_split();
		let requests = pin!(hand_on(first, &mut from_client, to_server, allowed));
		let answers = pin!(copy(&mut from_server, &mut to_client));
		match select(requests, answers).await {
			futures::future::Either::Left((refusal, _)) => Some(refusal),
			futures::future::Either::Right(_) => None,
		}
	};
	if let Some(refusal) = refusal {
		to_client.write_all(refusal.as_bytes()).await?;
	}
	to_client.shutdown().await?;
	let _ = timeout(LINGER, copy(&mut from_client, &mut tokio::io::sink())).await;
	Ok(())
}

/// Hand on requests until one is refused; the answer to that one is returned. Without one, and when
/// the server does not listen any more, this never ends: the server's own answer does.
async fn hand_on(
	mut head: Head,
	from_client: &mut BufReader<OwnedReadHalf>,
	mut to_server: OwnedWriteHalf,
	allowed: &[String],
) -> String {
	loop {
		let body = match head.judge(allowed) {
			Verdict::Refuse(answer) => return answer,
			Verdict::Pass { body } => body,
		};
		let handed_on: io::Result<Option<Head>> = async {
			to_server.write_all(&head.bytes).await?;
			copy(&mut (&mut *from_client).take(body), &mut to_server).await?;
			read_head(from_client).await
		}
		.await;
		match handed_on {
			Ok(Some(next)) => head = next,
			_ => {
				let _ = to_server.shutdown().await;
				return pending().await;
			}
		}
	}
}

/// The next head, up to and with its empty line. None at the end of the stream.
async fn read_head(from: &mut BufReader<OwnedReadHalf>) -> io::Result<Option<Head>> {
	let mut from = from.take(MAX_HEAD);
	let mut bytes = Vec::new();
	loop {
		let before = bytes.len();
		from.read_until(b'\n', &mut bytes).await?;
		match &bytes[before..] {
			b"\r\n" | b"\n" if before > 0 => return Ok(Some(Head { bytes })),
			line if line.ends_with(b"\n") => {}
			_ if bytes.is_empty() => return Ok(None),
			_ => return Err(ErrorKind::InvalidData.into()),
		}
	}
}
