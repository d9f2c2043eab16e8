//! Where a message ends, however its bytes come.

use proptest::prelude::*;
use thriftgate_protocols::framing::{
    Framing, FramingError, FramingLimits, Progress, Transport, begin_frame, end_frame,
};
use thriftgate_protocols::wire::{Protocol, WireErrorKind};

use crate::tree::{PROTOCOLS, header, message, structure};

fn frame(body: &[u8]) -> Vec<u8> {
    let mut buffer = b"before".to_vec();
    let start = begin_frame(&mut buffer);
    buffer.extend_from_slice(body);
    end_frame(&mut buffer, start, body.len()).expect("at the limit");
    buffer.split_off(6)
}

fn stream(transport: Transport, body: &[u8]) -> Vec<u8> {
    match transport {
        Transport::Framed => frame(body),
        Transport::Unframed => body.to_vec(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_same_bytes_in_any_pieces_give_the_same_end(
        (shape, tree) in structure(),
        header in header(),
        sizes in proptest::collection::vec(1..9_usize, 1..20),
        rest in proptest::collection::vec(any::<u8>(), 0..9),
    ) {
        for protocol in PROTOCOLS {
            for transport in [Transport::Framed, Transport::Unframed] {
                let body = message(protocol, &header, &shape, &tree, true);
                let mut bytes = stream(transport, &body);
                let end = bytes.len();
                bytes.extend_from_slice(&rest);
                let expected = Progress::Complete { body: end - body.len()..end, end };
                let whole = Framing::new(transport, protocol, FramingLimits::default()).advance(&bytes);
                prop_assert_eq!(whole, Ok(expected.clone()));

                let mut framing = Framing::new(transport, protocol, FramingLimits::default());
                let mut sizes = sizes.iter().cycle();
                let mut seen = 0;
                loop {
                    match framing.advance(&bytes[..seen]) {
                        Ok(Progress::More(more)) => {
                            prop_assert!(more > 0 && seen + more <= end, "{protocol:?} {transport:?} {seen} {more}");
                            seen += sizes.next().expect("a cycle has no end");
                            seen = seen.min(bytes.len());
                        }
                        progress => {
                            prop_assert_eq!(progress, Ok(expected));
                            break;
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn any_bytes_in_any_pieces_give_one_result(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        structured: bool,
        step in 1..20_usize,
    ) {
        for protocol in PROTOCOLS {
            let mut bytes = bytes.clone();
            if structured {
                let start: &[u8] = match protocol {
                    Protocol::Binary => b"\x80\x01\0\x01\0\0\0\x01m\0\0\0\0",
                    Protocol::Compact => b"\x82\x21\0\x01m",
                    Protocol::Json => b"[",
                };
                bytes.splice(0..0, start.iter().copied());
            }
            for transport in [Transport::Framed, Transport::Unframed] {
                let mut framing = Framing::new(transport, protocol, FramingLimits::default());
                let whole = framing.advance(&bytes);
                let mut framing = Framing::new(transport, protocol, FramingLimits::default());
                let mut seen = 0;
                let pieces = loop {
                    match framing.advance(&bytes[..seen]) {
                        Ok(Progress::More(_)) if seen < bytes.len() => seen = (seen + step).min(bytes.len()),
                        result => break result,
                    }
                };
                prop_assert_eq!(pieces, whole);
            }
        }
    }
}

fn refusal(transport: Transport, protocol: Protocol, limits: FramingLimits, bytes: &[u8]) -> FramingError {
    Framing::new(transport, protocol, limits).advance(bytes).expect_err("these bytes are refused")
}

// Case 22.
#[test]
fn case_22_frame_sizes() {
    let limits = FramingLimits { size: 100, depth: 64 };
    for (size, expected) in [
        (0, FramingError::EmptyFrame),
        (-1, FramingError::NegativeSize),
        (101, FramingError::TooLarge { size: 101, limit: 100 }),
        (i32::MAX, FramingError::TooLarge { size: i32::MAX as usize, limit: 100 }),
    ] {
        for protocol in PROTOCOLS {
            assert_eq!(refusal(Transport::Framed, protocol, limits, &size.to_be_bytes()), expected);
        }
    }
    let mut framing = Framing::new(Transport::Framed, Protocol::Binary, limits);
    assert_eq!(framing.advance(&100_i32.to_be_bytes()), Ok(Progress::More(100)));
    assert_eq!(end_frame(&mut [0; 4], 0, 100), Err(FramingError::EmptyFrame));
    assert_eq!(end_frame(&mut [0; 10], 0, 5), Err(FramingError::TooLarge { size: 6, limit: 5 }));
}

// Cases 17 and 19: what is announced is refused before it comes.
#[test]
fn case_17_sizes_over_the_limit_unframed() {
    let limits = FramingLimits { size: 1000, depth: 64 };
    let binary = |field: &[u8]| [b"\x80\x01\0\x02\0\0\0\x01m\0\0\0\0", field].concat();
    let compact = |field: &[u8]| [b"\x82\x41\0\x01m", field].concat();
    for bytes in [
        binary(b"\x0b\0\x01\x7f\xff\xff\xff"),
        binary(b"\x0f\0\x01\x08\x7f\xff\xff\xff"),
        binary(b"\x0f\0\x01\x0c\x00\x00\xff\xff"),
        binary(b"\x0d\0\x01\x0b\x0b\x7f\xff\xff\xff"),
    ] {
        let error = refusal(Transport::Unframed, Protocol::Binary, limits, &bytes);
        assert!(matches!(error, FramingError::TooLarge { limit: 1000, .. }), "{error}");
    }
    for bytes in [
        compact(b"\x18\xff\xff\xff\xff\x07"),
        compact(b"\x19\xf5\xff\xff\xff\xff\x07"),
        compact(b"\x1b\xff\xff\xff\xff\x07\x88"),
    ] {
        let error = refusal(Transport::Unframed, Protocol::Compact, limits, &bytes);
        assert!(matches!(error, FramingError::TooLarge { limit: 1000, .. }), "{error}");
    }
    let long = [b"[1,\"", &[b'a'; 1000][..]].concat();
    let error = refusal(Transport::Unframed, Protocol::Json, limits, &long);
    assert!(matches!(error, FramingError::TooLarge { limit: 1000, .. }), "{error}");
}

// Case 20.
#[test]
fn case_20_nesting_unframed() {
    let limits = FramingLimits { size: 1 << 20, depth: 64 };
    for (protocol, start, level) in [
        (Protocol::Binary, &b"\x80\x01\0\x02\0\0\0\x01m\0\0\0\0"[..], &b"\x0c\0\x01"[..]),
        (Protocol::Binary, b"\x80\x01\0\x02\0\0\0\x01m\0\0\0\0\x0f\0\x01", b"\x0f\0\0\0\x01"),
        (Protocol::Compact, b"\x82\x41\0\x01m", b"\x1c"),
        (Protocol::Compact, b"\x82\x41\0\x01m\x19", b"\x19"),
        (Protocol::Json, b"[1,\"m\",2,0", b",{\"1\":{\"rec\":"),
    ] {
        let deep = [start, &level.repeat(100_000)].concat();
        let error = refusal(Transport::Unframed, protocol, limits, &deep);
        assert!(matches!(error, FramingError::Wire(error) if error.kind == WireErrorKind::Depth), "{error}");
    }
}

// Case 23: another protocol at this listener is noticed at its first bytes.
#[test]
fn case_23_another_protocol() {
    let limits = FramingLimits::default();
    for (protocol, bytes) in [
        (Protocol::Binary, &b"\x82\x21\0\x01m"[..]),
        (Protocol::Binary, b"HTTP/1.1 400 Bad Request"),
        (Protocol::Binary, b"\0\0\0\0\x80\x01\0\x02"),
        (Protocol::Binary, b"\x01\0\x01\x80\x01\0\0\0m"),
        (Protocol::Compact, b"\x80\x01\0\x01\0\0"),
        (Protocol::Compact, b"\0\0\0\x20\x82\x21"),
        (Protocol::Json, b"\x80\x01\0\x01\0\0"),
        (Protocol::Json, b"HTTP/1.1 400 Bad Request"),
    ] {
        let error = refusal(Transport::Unframed, protocol, limits, bytes);
        let kinds = [WireErrorKind::Version, WireErrorKind::Name];
        assert!(matches!(error, FramingError::Wire(error) if kinds.contains(&error.kind)), "{error}");
    }
    assert_eq!(
        refusal(Transport::Framed, Protocol::Binary, limits, b"\x80\x01\0\x01\0\0"),
        FramingError::NegativeSize
    );
}

#[test]
fn one_byte_at_a_time_is_linear() {
    // A list of a million strings; a walk that began anew each time would not end.
    let mut bytes = b"\x80\x01\0\x02\0\0\0\x01m\0\0\0\0\x0f\0\0\x0b".to_vec();
    bytes.extend_from_slice(&200_000_u32.to_be_bytes());
    bytes.extend(std::iter::repeat_n([0, 0, 0, 1, b'x'], 200_000).flatten());
    bytes.push(0);
    let mut framing = Framing::new(Transport::Unframed, Protocol::Binary, FramingLimits::default());
    for end in 0..bytes.len() {
        assert!(matches!(framing.advance(&bytes[..end]), Ok(Progress::More(_))));
    }
    let end = bytes.len();
    assert_eq!(framing.advance(&bytes), Ok(Progress::Complete { body: 0..end, end }));
}
