//! The flags of the networks, and the settings that they make of a model's usual ones.

use clap::{Args, ValueEnum};
use forecast::model::Model;
use forecast::model::deepar;
use forecast::model::deepar::Distribution;
use forecast::model::global;
use forecast::model::rnn;
use forecast::model::rnn::{Clip, Head};

use crate::cli_error::CliError;
use crate::settings::Chosen;

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = at_least_one, help = default("Size of the hidden state", rnn::Rnn::default().hidden))]
    hidden: Option<usize>,

    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one, help = default("Recurrent layers", rnn::Rnn::default().layers))]
    layers: Option<usize>,

    #[arg(long, value_name = "SHARE", allow_negative_numbers = true, value_parser = share, help = default("Share of values dropped between layers in training", rnn::Rnn::default().dropout))]
    dropout: Option<f64>,

    #[arg(
        long,
        value_name = "STEPS",
        allow_negative_numbers = true, value_parser = at_least_one,
        help = default("Chunk length of truncated backpropagation", rnn::Rnn::default().bptt),
        long_help = default(
            "Chunk length of truncated backpropagation through time: the series is read in chunks of this many steps, \
             gradients reach back to the start of a chunk and no further, while the hidden state is carried on into the next",
            rnn::Rnn::default().bptt
        )
    )]
    bptt: Option<usize>,

    #[arg(
        long,
        value_name = "STEPS",
        allow_negative_numbers = true, value_parser = at_least_one,
        help = default("How many steps back gradients reach", "--bptt"),
    )]
    reach: Option<usize>,

    #[arg(long, value_name = "NAME", value_enum, help = "How one network forecasts many steps [default: direct]")]
    head: Option<HeadName>,

    #[arg(
        long,
        value_name = "FACTOR",
        allow_negative_numbers = true, value_parser = above_zero,
        help = default("Factor on the recurrent weights that training starts with", rnn::Rnn::default().initial_scale)
    )]
    initial_scale: Option<f64>,

    #[arg(long, value_name = "NORM", allow_negative_numbers = true, value_parser = norm, conflicts_with = "clip_value", help = clip_help())]
    clip: Option<Norm>,

    /// Clip each gradient value to this size, in place of the norm
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true, value_parser = above_zero)]
    clip_value: Option<f64>,

    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one, help = epochs_help())]
    epochs: Option<usize>,

    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = above_zero, help = default("Highest learning rate of the schedule", rnn::Rnn::default().learning_rate))]
    learning_rate: Option<f64>,

    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = at_least_one, help = default("Networks that `--model global` averages", global::Global::default().members))]
    members: Option<usize>,

    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        help = "What `--model deepar` says of each value [default: what the values look like]"
    )]
    distribution: Option<DistributionName>,
}

/// The family of distributions that values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DistributionName {
    /// Student's t
    StudentT,
    /// Negative binomial, for counts
    NegativeBinomial,
}

/// How one network forecasts many steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HeadName {
    /// All steps at once
    Direct,
    /// One step at a time, each on the median of the one before
    Recursive,
}

impl NetworkArgs {
    /// A model with these flags.
    pub(crate) fn chosen(&self, usual: Chosen, seed: Option<u64>) -> anyhow::Result<Chosen> {
        let baseline = match usual {
            Chosen::Network(usual) => return self.settings(&usual).map(Chosen::Network),
            Chosen::Auto(auto) => {
                return self.first_given().map_or(Ok(Chosen::Auto(auto)), |flag| {
                    Err(CliError::usage(
                        format!("{flag} does nothing for auto, whose networks have settings of their own"),
                        format!("leave {flag} out, or choose {}", one_that_takes(flag, "a network")),
                    ))
                });
            }
            Chosen::Global(usual) => return self.global(usual).map(Chosen::Global),
            Chosen::Deepar(usual) => return self.deepar(&usual).map(Chosen::Deepar),
            Chosen::Baseline(baseline) => baseline,
        };
        let flag = seed.map(|_| "--seed").or_else(|| self.first_given());
        flag.map_or(Ok(Chosen::Baseline(baseline)), |flag| {
            Err(CliError::usage(
                format!("{flag} does nothing for {}, which is not trained", baseline.name()),
                format!("leave {flag} out, or choose {}", one_that_takes(flag, "a network")),
            ))
        })
    }

    fn settings(&self, usual: &rnn::Rnn) -> anyhow::Result<rnn::Rnn> {
        if self.head.is_some() && usual.head == Head::Decoder {
            return Err(CliError::usage(
                "--head does nothing for seq2seq, which forecasts with its decoder",
                "leave --head out, or choose another network: `--model lstm`",
            ));
        }
        if self.members.is_some() {
            return Err(CliError::usage(
                format!("--members does nothing for {}, which is one of its kind", usual.name()),
                "leave --members out, or choose the ensemble for many series: `--model global`",
            ));
        }
        if self.distribution.is_some() {
            return Err(CliError::usage(
                format!("--distribution does nothing for {}, which says quantiles", usual.name()),
                "leave --distribution out, or choose the network that says distributions: `--model deepar`",
            ));
        }
        let clip = match (self.clip, self.clip_value) {
            (Some(Norm(Some(norm))), _) => Clip::Norm(norm),
            (Some(Norm(None)), _) => Clip::Off,
            (None, Some(size)) => Clip::Value(size),
            (None, None) => usual.clip,
        };
        let head = self.head.map(|head| match head {
            HeadName::Direct => Head::Direct,
            HeadName::Recursive => Head::Recursive,
        });
        let settings = rnn::Rnn {
            head: head.unwrap_or(usual.head),
            initial_scale: self.initial_scale.unwrap_or(usual.initial_scale),
            reach: self.reach.or(usual.reach),
            hidden: self.hidden.unwrap_or(usual.hidden),
            layers: self.layers.unwrap_or(usual.layers),
            dropout: self.dropout.unwrap_or(usual.dropout),
            bptt: self.bptt.unwrap_or(usual.bptt),
            clip,
            epochs: self.epochs.or(usual.epochs),
            learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
            ..usual.clone()
        };
        self.check_dropout(settings.layers)?;
        Ok(settings)
    }

    /// The ensemble for many series; flags of a single network are refused.
    fn global(&self, usual: global::Global) -> anyhow::Result<global::Global> {
        const TAKEN: [&str; 4] = ["--hidden", "--epochs", "--learning-rate", "--members"];
        if let Some(flag) = self.given().into_iter().find(|flag| !TAKEN.contains(flag)) {
            return Err(CliError::usage(
                format!("{flag} does nothing for global, whose networks are all of one shape"),
                format!("leave {flag} out, or choose {}", one_that_takes(flag, "a single network")),
            ));
        }
        Ok(global::Global {
            members: self.members.unwrap_or(usual.members),
            hidden: self.hidden.unwrap_or(usual.hidden),
            epochs: self.epochs.or(usual.epochs),
            learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
            ..usual
        })
    }

    /// The network that says distributions; flags of those that do not are refused.
    fn deepar(&self, usual: &deepar::DeepAr) -> anyhow::Result<deepar::DeepAr> {
        const TAKEN: [&str; 6] = ["--hidden", "--layers", "--dropout", "--epochs", "--learning-rate", "--distribution"];
        if let Some(flag) = self.given().into_iter().find(|flag| !TAKEN.contains(flag)) {
            return Err(CliError::usage(
                format!("{flag} does nothing for deepar, which is trained on whole windows"),
                format!("leave {flag} out, or choose {}", one_that_takes(flag, "another network")),
            ));
        }
        let layers = self.layers.unwrap_or(usual.layers);
        self.check_dropout(layers)?;
        let distribution = self.distribution.map(|name| match name {
            DistributionName::StudentT => Distribution::StudentT,
            DistributionName::NegativeBinomial => Distribution::NegativeBinomial,
        });
        Ok(deepar::DeepAr {
            hidden: self.hidden.unwrap_or(usual.hidden),
            layers,
            dropout: self.dropout.unwrap_or(usual.dropout),
            epochs: self.epochs.or(usual.epochs),
            learning_rate: self.learning_rate.unwrap_or(usual.learning_rate),
            distribution: distribution.or(usual.distribution),
            ..usual.clone()
        })
    }

    fn check_dropout(&self, layers: usize) -> anyhow::Result<()> {
        if self.dropout.is_some_and(|share| share > 0.0) && layers == 1 {
            return Err(CliError::usage(
                "--dropout does nothing with one layer, it drops between layers",
                "add a layer with `--layers 2`, or leave --dropout out",
            ));
        }
        Ok(())
    }

    fn first_given(&self) -> Option<&'static str> {
        self.given().first().copied()
    }

    fn given(&self) -> Vec<&'static str> {
        let given = [
            (self.hidden.is_some(), "--hidden"),
            (self.layers.is_some(), "--layers"),
            (self.dropout.is_some(), "--dropout"),
            (self.bptt.is_some(), "--bptt"),
            (self.reach.is_some(), "--reach"),
            (self.head.is_some(), "--head"),
            (self.initial_scale.is_some(), "--initial-scale"),
            (self.clip.is_some(), "--clip"),
            (self.clip_value.is_some(), "--clip-value"),
            (self.epochs.is_some(), "--epochs"),
            (self.learning_rate.is_some(), "--learning-rate"),
            (self.members.is_some(), "--members"),
            (self.distribution.is_some(), "--distribution"),
        ];
        given.into_iter().filter_map(|(given, flag)| given.then_some(flag)).collect()
    }
}

/// A model that a flag does something for; most flags are those of `usual`, a network.
fn one_that_takes(flag: &str, usual: &str) -> String {
    match flag {
        "--distribution" => "the network that says distributions: `--model deepar`".into(),
        "--members" => "the ensemble for many series: `--model global`".into(),
        _ => format!("{usual}: `--model lstm`"),
    }
}

/// `--clip`: a norm, or `none`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Norm(Option<f64>);

fn norm(text: &str) -> Result<Norm, String> {
    if text == "none" {
        return Ok(Norm(None));
    }
    above_zero(text).map(|norm| Norm(Some(norm))).map_err(|_| "a number above 0 or `none` is needed".into())
}

pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("a whole number of at least 1 is needed".into()),
    }
}

fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if f64::is_finite(number) && number > 0.0 => Ok(number),
        _ => Err("a number above 0 is needed".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if (0.0..1.0).contains(&number) => Ok(number),
        _ => Err("a share of at least 0 and below 1 is needed".into()),
    }
}

pub(crate) fn default(what: &str, value: impl std::fmt::Display) -> String {
    format!("{what} [default: {value}]")
}

fn epochs_help() -> String {
    let usual = rnn::Rnn::default()
        .epochs
        .map_or_else(|| format!("as many as make about {} updates", rnn::Rnn::UPDATES), |epochs| epochs.to_string());
    default("Most passes over the data; training stops earlier when it gets no better", usual)
}

fn clip_help() -> String {
    let usual = match rnn::Rnn::default().clip {
        Clip::Norm(norm) => norm.to_string(),
        Clip::Value(_) | Clip::Off => "none".into(),
    };
    default("Clip the gradient's norm over all weights to this, or `none`", usual)
}
