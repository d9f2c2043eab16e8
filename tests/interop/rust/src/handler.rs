//! What Everything answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use thrift::OrderedFloat;

use crate::everything::{
    ANSWER, AllTypes, Chain, Choice, Color, Denied, EverythingSyncHandler, Length, NotFound, Path, Point,
    Presence, Scalars, Tree,
};
use crate::shared::{BaseSyncHandler, Fault, Severity, Timestamp, VERSION};

/// Holds the events noted since the last reset.
#[derive(Default)]
pub struct Handler {
    events: Mutex<Vec<String>>,
}

impl BaseSyncHandler for Handler {
    fn handle_ping(&self) -> thrift::Result<()> {
        Ok(())
    }

    fn handle_version(&self) -> thrift::Result<String> {
        Ok(VERSION.to_owned())
    }

    fn handle_echo_timestamp(&self, value: Timestamp) -> thrift::Result<Timestamp> {
        Ok(value)
    }
}

/// The methods that answer their argument.
macro_rules! echoes {
    ($($method:ident: $kind:ty,)*) => {
        $(fn $method(&self, value: $kind) -> thrift::Result<$kind> {
            Ok(value)
        })*
    };
}

impl EverythingSyncHandler for Handler {
    echoes! {
        handle_echo_bool: bool,
        handle_echo_i8: i8,
        handle_echo_i16: i16,
        handle_echo_i32: i32,
        handle_echo_i64: i64,
        handle_echo_double: OrderedFloat<f64>,
        handle_echo_string: String,
        handle_echo_binary: Vec<u8>,
        handle_echo_color: Color,
        handle_echo_length: Length,
        handle_echo_point: Point,
        handle_echo_scalars: Scalars,
        handle_echo_presence: Presence,
        handle_echo_choice: Choice,
        handle_echo_tree: Tree,
        handle_echo_chain: Chain,
        handle_echo_everything: AllTypes,
        handle_echo_bool_list: Vec<bool>,
        handle_echo_i8_list: Vec<i8>,
        handle_echo_i64_list: Vec<i64>,
        handle_echo_double_list: Vec<OrderedFloat<f64>>,
        handle_echo_string_list: Vec<String>,
        handle_echo_binary_list: Vec<Vec<u8>>,
        handle_echo_choice_list: Vec<Choice>,
        handle_echo_nested_list: Vec<Vec<Vec<i32>>>,
        handle_echo_mixed_list: Vec<BTreeMap<String, BTreeSet<i16>>>,
        handle_echo_path: Path,
        handle_echo_i64_set: BTreeSet<i64>,
        handle_echo_string_set: BTreeSet<String>,
        handle_echo_color_set: BTreeSet<Color>,
        handle_echo_string_map: BTreeMap<String, i32>,
        handle_echo_bool_map: BTreeMap<bool, String>,
        handle_echo_i8_map: BTreeMap<i8, i16>,
        handle_echo_i64_map: BTreeMap<i64, i64>,
        handle_echo_double_map: BTreeMap<OrderedFloat<f64>, String>,
        handle_echo_binary_map: BTreeMap<Vec<u8>, Vec<u8>>,
        handle_echo_color_map: BTreeMap<Color, Point>,
        handle_echo_nested_map: BTreeMap<String, BTreeMap<i32, Vec<Point>>>,
    }

    fn handle_join(&self, text: String, times: i32, separator: String) -> thrift::Result<String> {
        Ok((0..times).map(|_| text.as_str()).collect::<Vec<_>>().join(&separator))
    }

    fn handle_answer(&self) -> thrift::Result<i32> {
        Ok(ANSWER)
    }

    fn handle_empty_list(&self) -> thrift::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn handle_empty_set(&self) -> thrift::Result<BTreeSet<i32>> {
        Ok(BTreeSet::new())
    }

    fn handle_empty_map(&self) -> thrift::Result<BTreeMap<String, Point>> {
        Ok(BTreeMap::new())
    }

    fn handle_fail(&self, kind: String) -> thrift::Result<String> {
        if kind == "fault" {
            return Err(Fault::new(Severity::FATAL, "broken".to_owned(), 1_700_000_000_000).into());
        }
        self.handle_fail_void(kind.clone()).map(|()| kind)
    }

    fn handle_fail_void(&self, kind: String) -> thrift::Result<()> {
        match kind.as_str() {
            "notFound" => Err(NotFound::new("it".to_owned()).into()),
            "denied" => Err(Denied::new("no".to_owned(), vec![Point::new(1, -1)], 13).into()),
            "undeclared" => Err("not in the throws list".into()),
            _ => Ok(()),
        }
    }

    fn handle_slow(&self, milliseconds: i32) -> thrift::Result<i32> {
        thread::sleep(Duration::from_millis(milliseconds.unsigned_abs().into()));
        Ok(milliseconds)
    }

    fn handle_notify(&self, event: String) -> thrift::Result<()> {
        self.events.lock().expect("the events").push(event);
        Ok(())
    }

    fn handle_notified(&self) -> thrift::Result<Vec<String>> {
        Ok(self.events.lock().expect("the events").clone())
    }

    fn handle_reset(&self) -> thrift::Result<()> {
        self.events.lock().expect("the events").clear();
        Ok(())
    }
}
