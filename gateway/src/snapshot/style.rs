//! The style of the settings as the protocols name it.

use thriftgate_config as config;
use thriftgate_protocols::style;

/// The style of the settings as the protocols name it.
#[must_use]
pub fn map_style(style: config::Style) -> style::Style {
    style::Style {
        i64: match style.i64 {
            config::I64Style::Number => style::I64Style::Number,
            config::I64Style::String => style::I64Style::String,
        },
        enums: match style.enums {
            config::EnumStyle::Name => style::EnumStyle::Name,
            config::EnumStyle::Number => style::EnumStyle::Number,
        },
        unknown_fields: match style.unknown_fields {
            config::UnknownFields::Refuse => style::UnknownFields::Refuse,
            config::UnknownFields::Ignore => style::UnknownFields::Ignore,
        },
        missing_arguments: match style.missing_arguments {
            config::MissingArguments::Allow => style::MissingArguments::Allow,
            config::MissingArguments::Refuse => style::MissingArguments::Refuse,
        },
    }
}
