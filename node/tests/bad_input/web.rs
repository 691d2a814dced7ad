//! As much of HTTP and WebSocket as a browser needs to reach a node, over plain sockets, so that
//! any header and any body can be sent.

use std::{
	io::{self, Read, Write},
	net::{Ipv4Addr, TcpStream},
	time::Duration,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
	pub(crate) status: u16,
	pub(crate) body: String,
}

fn connect(address: Ipv4Addr, port: u16) -> io::Result<TcpStream> {
	let stream = TcpStream::connect((address, port))?;
	stream.set_read_timeout(Some(TIMEOUT))?;
	stream.set_write_timeout(Some(TIMEOUT))?;
	Ok(stream)
}

/// Post `body` with further `headers`.
pub(crate) fn post(port: u16, body: &[u8], headers: &[&str]) -> io::Result<Answer> {
	let mut connection = Connection::open(port)?;
	connection.post(body, headers)
}

/// What a browser gets that calls another address of this machine.
pub(crate) fn get_from(address: [u8; 4], port: u16, headers: &[&str]) -> Answer {
	let address = Ipv4Addr::from(address);
	let mut stream = connect(address, port).expect("somebody listens");
	let headers = headers.join("\r\n");
	write!(
		stream,
		"GET / HTTP/1.1\r\nHost: {address}:{port}\r\n{headers}\r\n\r\n"
	)
	.expect("is read");
	Connection { stream, port }.answer().expect("an answer")
}

/// A connection that stays open between requests.
pub(crate) struct Connection {
	stream: TcpStream,
	port: u16,
}

impl Connection {
	pub(crate) fn open(port: u16) -> io::Result<Self> {
		let stream = connect(Ipv4Addr::LOCALHOST, port)?;
		Ok(Self { stream, port })
	}

	pub(crate) fn post(&mut self, body: &[u8], headers: &[&str]) -> io::Result<Answer> {
		let mut head = format!("POST / HTTP/1.1\r\nHost: localhost:{}\r\n", self.port);
		for header in headers
			.iter()
			.copied()
			.chain(["Content-Type: application/json"])
		{
			head += &format!("{header}\r\n");
		}
		head += &format!("Content-Length: {}\r\n\r\n", body.len());
		self.stream.write_all(head.as_bytes())?;
		// The node may refuse a huge body before it has read it: what it says is read all the same.
		let _ = self.stream.write_all(body);
		self.answer()
	}

	fn answer(&mut self) -> io::Result<Answer> {
		let head = read_head(&mut self.stream)?;
		let length = head
			.lines()
			.find_map(|line| {
				line.to_lowercase()
					.strip_prefix("content-length:")?
					.trim()
					.parse()
					.ok()
			})
			.unwrap_or(0);
		let mut body = vec![0; length];
		self.stream.read_exact(&mut body)?;
		Ok(Answer {
			status: status(&head),
			body: String::from_utf8_lossy(&body).into_owned(),
		})
	}
}

fn read_head(stream: &mut TcpStream) -> io::Result<String> {
	let mut head = Vec::new();
	while !head.ends_with(b"\r\n\r\n") {
		let mut byte = [0];
		stream.read_exact(&mut byte)?;
		head.push(byte[0]);
	}
	Ok(String::from_utf8_lossy(&head).into_owned())
}

fn status(head: &str) -> u16 {
	let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
	status.unwrap_or_else(|| panic!("no HTTP: {head}"))
}

/// A WebSocket.
pub(crate) struct Socket(TcpStream);

/// Open a WebSocket with further `headers`, as far as the node lets us: its answer if it refuses.
pub(crate) fn socket(port: u16, headers: &[&str]) -> Result<Socket, Answer> {
	let mut connection = Connection::open(port).expect("the node listens");
	let mut head = format!(
		"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
		 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	);
	for header in headers {
		head += &format!("{header}\r\n");
	}
	let mut stream = connection.stream.try_clone().expect("is open");
	write!(stream, "{head}\r\n").expect("the node reads");
	let mut peek = [0; 12];
	let size = until_peeked(&stream, &mut peek);
	if &peek[..size] != b"HTTP/1.1 101" {
		return Err(connection.answer().expect("an answer"));
	}
	read_head(&mut stream).expect("a head");
	Ok(Socket(stream))
}

fn until_peeked(stream: &TcpStream, bytes: &mut [u8]) -> usize {
	loop {
		let size = stream.peek(bytes).expect("an answer");
		if size == 0 || size == bytes.len() {
			return size;
		}
	}
}

impl Socket {
	/// Send one text, receive one.
	pub(crate) fn exchange(&mut self, text: &str) -> String {
		let length = u16::try_from(text.len()).expect("is short");
		// A final text frame with a 16-bit length and a mask that changes nothing.
		let mut frame = vec![0x81, 0x80 | 126];
		frame.extend(length.to_be_bytes());
		frame.extend([0; 4]);
		frame.extend(text.as_bytes());
		self.0.write_all(&frame).expect("the node reads");
		loop {
			let (kind, content) = self.frame();
			match kind {
				0x81 => return String::from_utf8(content).expect("utf-8"),
				// The server may ask at any time whether we are there.
				0x89 => {}
				other => panic!("a frame of kind {other:#x} instead of a text"),
			}
		}
	}

	/// Kind and content of the next frame.
	fn frame(&mut self) -> (u8, Vec<u8>) {
		let mut start = [0; 2];
		self.0.read_exact(&mut start).expect("a frame");
		let length = match start[1] {
			126 => {
				let mut length = [0; 2];
				self.0.read_exact(&mut length).expect("a length");
				u16::from_be_bytes(length).into()
			}
			length => usize::from(length),
		};
		let mut content = vec![0; length];
		self.0.read_exact(&mut content).expect("a content");
		(start[0], content)
	}
}
