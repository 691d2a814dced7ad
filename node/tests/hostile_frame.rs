//! A peer must not be able to stop the node by making somebody else's arithmetic wrap: overflow
//! checks are for our own crates. Guards the profile in the workspace's `Cargo.toml`.

use futures::{
	io::{AsyncRead, AsyncWrite, Cursor},
	task::noop_waker,
};
use std::{
	io,
	pin::Pin,
	task::{Context, Poll},
};
use yamux::{Config, Connection, Mode};

/// Says one thing and swallows every answer.
struct Peer(Cursor<Vec<u8>>);

impl AsyncRead for Peer {
	fn poll_read(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
		buffer: &mut [u8],
	) -> Poll<io::Result<usize>> {
		Pin::new(&mut self.0).poll_read(context, buffer)
	}
}

impl AsyncWrite for Peer {
	fn poll_write(
		self: Pin<&mut Self>,
		_: &mut Context<'_>,
		buffer: &[u8],
	) -> Poll<io::Result<usize>> {
		Poll::Ready(Ok(buffer.len()))
	}

	fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
		Poll::Ready(Ok(()))
	}

	fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
		Poll::Ready(Ok(()))
	}
}

/// A window update that opens stream 1 and grants it four gigabytes, on top of what it has.
const FRAME: [u8; 12] = [0, 1, 0, 1, 0, 0, 0, 1, 255, 255, 255, 255];

#[test]
fn a_window_without_end_does_not_stop_the_node() {
	let peer = Peer(Cursor::new(FRAME.to_vec()));
	let mut connection = Connection::new(peer, Config::default(), Mode::Server);
	let waker = noop_waker();
	let mut context = Context::from_waker(&waker);
	let opened = connection.poll_next_inbound(&mut context);
	assert!(
		matches!(opened, Poll::Ready(Some(Ok(_)))),
		"the frame was read"
	);
}
