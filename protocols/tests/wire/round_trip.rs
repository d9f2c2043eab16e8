//! What is written is read, whole or not at all.

use proptest::prelude::*;
use thriftgate_protocols::framing::{Framing, FramingLimits, Progress, Transport};
use thriftgate_protocols::message::{Sniffed, read_header, sniff};
use thriftgate_protocols::wire::{BinaryReader, BinaryWriter, Dialect, Protocol, Reader, Writer};

use crate::tree::{Body, DEPTH, PROTOCOLS, header, message, parse, read, structure, write};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_message_is_read_as_it_was_written((shape, tree) in structure(), header in header(), sized: bool) {
        for protocol in PROTOCOLS {
            let bytes = message(protocol, &header, &shape, &tree, sized);
            let mut expected = tree.clone();
            if protocol == Protocol::Json {
                expected.one_nan();
            }
            let (head, read) = parse(protocol, &bytes, &Body::Read(&shape)).expect("it was just written");
            prop_assert_eq!(&head, &header);
            prop_assert_eq!(read, expected);
            parse(protocol, &bytes, &Body::Skip).expect("what can be read can be skipped");
            prop_assert_eq!(read_header(protocol, &bytes).expect("the same header"), header.clone());
            prop_assert_eq!(sniff(&bytes), Some(Sniffed::Wire(protocol)));
        }
    }

    #[test]
    fn lengths_are_the_same_told_first_or_last((shape, tree) in structure(), header in header()) {
        for protocol in PROTOCOLS {
            prop_assert_eq!(
                message(protocol, &header, &shape, &tree, true),
                message(protocol, &header, &shape, &tree, false)
            );
        }
    }

    #[test]
    fn an_old_style_message_is_read((shape, tree) in structure(), header in header()) {
        let mut bytes = Vec::new();
        let old_style = Dialect { strict: false, ..Protocol::Binary.into() };
        let mut writer = BinaryWriter::of(old_style, &mut bytes);
        writer.message_begin(&header);
        write(&mut writer, &shape, &tree, true);
        writer.message_end();
        prop_assert_eq!(sniff(&bytes), Some(Sniffed::Wire(Protocol::Binary)));
        let mut reader = BinaryReader::new(&bytes, DEPTH);
        prop_assert_eq!(reader.message_begin().expect("its header"), header);
        prop_assert_eq!(read(&mut reader, &shape).expect("its struct"), tree);
        reader.message_end().expect("its end");
        let mut framing = Framing::new(Transport::Unframed, Protocol::Binary, FramingLimits::default());
        let end = bytes.len();
        prop_assert_eq!(framing.advance(&bytes), Ok(Progress::Complete { body: 0..end, end }));
    }

    #[test]
    fn a_message_cut_short_is_an_error((shape, tree) in structure(), header in header()) {
        for protocol in PROTOCOLS {
            let bytes = message(protocol, &header, &shape, &tree, true);
            for end in 0..bytes.len() {
                prop_assert!(parse(protocol, &bytes[..end], &Body::Read(&shape)).is_err(), "{protocol:?} {end}");
                prop_assert!(parse(protocol, &bytes[..end], &Body::Skip).is_err(), "{protocol:?} {end}");
            }
        }
    }

    #[test]
    fn one_changed_byte_never_panics(
        (shape, tree) in structure(), header in header(), at: proptest::sample::Index, byte: u8,
    ) {
        for protocol in PROTOCOLS {
            let mut bytes = message(protocol, &header, &shape, &tree, true);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok((header, _)) = parse(protocol, &bytes, &Body::Skip) {
                prop_assert!(!header.name.is_empty());
            }
        }
    }
}
