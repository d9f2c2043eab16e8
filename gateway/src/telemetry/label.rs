//! The values of labels.

use std::sync::Arc;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

/// The value of a label, such as the name of a backend: of the configuration or the IDL, never what a client sends.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Label(Arc<str>);

impl Label {
    /// This text, escaped as the format asks for.
    pub(super) fn new(text: &str) -> Self {
        if text.contains(['\\', '"', '\n']) {
            return Self(text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n").into());
        }
        Self(text.into())
    }
}

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> std::fmt::Result {
        EncodeLabelValue::encode(&&*self.0, encoder)
    }
}
