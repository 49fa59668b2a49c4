//! The page of the night, and the same as data: `night.html` for people, `night.json` for programs, `rows.csv` for auditors.
//!
//! All are written from a [`Whole`] and its [`crate::sheet`]; nothing here knows a clock or a bucket. Text from outside is escaped by the
//! library that writes it.

mod html;
mod json;
mod letters;
mod table;

pub use html::page as html;
pub use json::document as json;
pub use table::{COLUMNS, LEFT_OUT, of_report as csv_of_report, of_sheet as csv};
