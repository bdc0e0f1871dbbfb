//! Hints for notices of the reader.

use forecast::read::Notice;

use super::quoting::all_quoted;

/// A notice with the flag that changes the decision.
pub(crate) fn notice_line(notice: &Notice) -> String {
    let hint = match notice {
        Notice::AssumedDecimalPoint { .. } => "`--decimal comma` reads it as a separator",
        Notice::AssumedDecimalComma { .. } => "`--decimal point` reads it as a separator",
        Notice::AssumedThousandsComma { .. } => "`--decimal comma` reads it as decimal",
        Notice::AssumedEncoding { .. } => "`--encoding NAME` names another",
        Notice::MissingCode { .. } => "`--missing none` keeps them as numbers",
        Notice::MissingCodeKept { code, .. } => {
            return format!("{notice} (`--missing {code}` reads them as missing)");
        }
        Notice::LongerSteps { common, .. } => {
            return format!(
                "{notice} (`--frequency {common} --duplicates mean`, or `sum` or `last`, gives all one step)"
            );
        }
        Notice::NumbersAsIds { .. } => "`--id NAMES` names the ids",
        Notice::ClocksSetBack { .. } | Notice::DaysOf25Hours { .. } | Notice::DaysOf23Hours { .. } => {
            "`--zone NAME` chooses another zone"
        }
        Notice::SkippedHourFilled { zone, .. } => {
            return format!("{notice} (`--zone {zone}` reads the times as local)");
        }
        Notice::SheetChosen { .. } => "`--sheet NAME` reads another one",
        Notice::SheetsJoined { .. } => "`--sheet NAME` reads one of them",
        Notice::ClosedDaysLeftOut { .. } => "`--frequency daily` forecasts every day",
        Notice::ClosedHoursFilled { .. } => {
            "`--frequency daily --duplicates sum`, or `mean` or `last`, aggregates the rows to days"
        }
        Notice::UnfinishedPeriodLeftOut { .. } => "`--unfinished keep` keeps it",
        Notice::LastOutlierReplaced { .. } => "`--spikes keep` starts from it",
        Notice::TotalAmongSeries { ids, .. } => {
            return format!(
                "{notice} (`--leave-out {}` leaves {} out)",
                all_quoted(ids),
                if ids.len() == 1 { "it" } else { "them" }
            );
        }
        Notice::FutureRows { notice: own, .. } => match &**own {
            Notice::FutureGap { follows_in, .. } => {
                return format!("{notice} (`--zone {follows_in}` chooses that zone)");
            }
            _ => return notice.to_string(),
        },
        _ => return notice.to_string(),
    };
    format!("{notice} ({hint})")
}
