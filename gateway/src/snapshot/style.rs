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

/// The style with the change of the settings.
pub(super) fn change_style(mut style: style::Style, change: &config::StyleChange) -> style::Style {
    let config::StyleChange { i64, enums, unknown_fields, missing_arguments } = *change;
    let unchanged = config::Style::default();
    let said = map_style(config::Style {
        i64: i64.unwrap_or(unchanged.i64),
        enums: enums.unwrap_or(unchanged.enums),
        unknown_fields: unknown_fields.unwrap_or(unchanged.unknown_fields),
        missing_arguments: missing_arguments.unwrap_or(unchanged.missing_arguments),
    });
    if i64.is_some() {
        style.i64 = said.i64;
    }
    if enums.is_some() {
        style.enums = said.enums;
    }
    if unknown_fields.is_some() {
        style.unknown_fields = said.unknown_fields;
    }
    if missing_arguments.is_some() {
        style.missing_arguments = said.missing_arguments;
    }
    style
}
