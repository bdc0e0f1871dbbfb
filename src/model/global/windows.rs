//! What a member of the ensemble sees of each series, and what it is to say.

use std::cell::RefCell;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::model::global::network::{Numbers, Windows};
use crate::model::global::seasonal_state::Seasonal;
use crate::model::global::series_pool::Pool;
use crate::model::global::settings::{Kind, Units};
use crate::model::global::smoothing_bank::{LAST_VALUE, MEMBERS, SmoothingStates};
use crate::model::nn::batch::{Batch, Window};

/// Positions that the bank runs over before a stream begins, beside two seasons.
const RUN_UP: usize = 48;
/// Most that a single number can be: a spike must not outweigh everything else.
const MOST: f64 = 30.0;
/// The unit of [`Units::Level`], as a share of the level.
const SHARE: f64 = 0.05;

/// A pool as one kind of member sees it.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) kind: &'a Kind,
    pub(crate) horizon: usize,
    /// The mean of how much a step of a series counts in its MASE, over the pool.
    heft: f64,
    track: RefCell<SmoothingStates>,
}

/// What the bank says of the steps after a position, on the pool's scale.
#[derive(Debug)]
pub(crate) struct Base {
    /// The members' paths together, the season in it.
    pub(crate) path: Vec<f64>,
    /// The last value without its season, and the season.
    pub(crate) naive: Vec<f64>,
    /// What the networks of the kind speak in units of.
    pub(crate) unit: f64,
}

impl<'a> View<'a> {
    pub(crate) fn new(pool: &'a Pool, kind: &'a Kind, horizon: usize) -> Self {
        let mut view = Self { pool, kind, horizon, heft: 1.0, track: RefCell::default() };
        let hefts = (0..pool.count()).map(|i| view.heft(i, f64::from(pool.numbers(i)[pool.len(i) - 1])));
        let (sum, count) = hefts.filter(|h| h.is_finite()).fold((0.0, 0usize), |(s, n), h| (s + h.min(1e3), n + 1));
        view.heft = if count > 0 && sum > 0.0 { sum / count as f64 } else { 1.0 };
        view
    }

    /// How much a step of a number counts in the series' MASE.
    fn heft(&self, i: usize, number: f64) -> f64 {
        let series = self.pool.series(i);
        series.scale.slope(number) / series.step
    }

    /// The seasons of a series that is long enough for them.
    fn periods(&self, i: usize) -> &[usize] {
        let fits = |period: usize| self.pool.len(i) > 3 * period;
        let periods = self.pool.periods();
        &periods[..periods.iter().take_while(|period| fits(**period)).count()]
    }

    /// What the member speaks in units of at position `t`.
    fn unit(&self, track: &SmoothingStates, t: usize) -> f64 {
        match self.kind.units {
            Units::Level => SHARE,
            Units::Steps => track.spread(t),
        }
    }

    /// Runs the bank over a stream's stretch and what comes before; gives where the stretch starts in it.
    fn run(&self, stream: &Window, track: &mut SmoothingStates) -> usize {
        let periods = self.periods(stream.sequence);
        let from = stream.start.saturating_sub(RUN_UP.max(2 * Seasonal::warm_up(periods)));
        let numbers = &self.pool.numbers(stream.sequence)[from..stream.start + stream.length];
        track.run(numbers, periods, self.horizon);
        stream.start - from
    }

    /// The stream that ends at the end of a series, as long as the context allows.
    pub(crate) fn whole(&self, i: usize) -> Window {
        let n = self.pool.len(i);
        let length = n.min(self.kind.context);
        Window { sequence: i, start: n - length, length, warm_up: 0 }
    }

    /// What the bank says at the last position.
    pub(crate) fn base(&self, i: usize) -> Base {
        let mut track = self.track.borrow_mut();
        let stream = self.whole(i);
        let last = self.run(&stream, &mut track) + stream.length - 1;
        let steps = 1..=self.horizon;
        Base {
            path: steps.clone().map(|k| track.plain(last, k) + track.ahead(last, k)).collect(),
            naive: steps.map(|k| track.member(last, k, LAST_VALUE) + track.ahead(last, k)).collect(),
            unit: self.unit(&track, last),
        }
    }

    fn push_inputs(&self, track: &SmoothingStates, numbers: &[f32], t: usize, age: usize, into: &mut Vec<f32>) {
        let (anchor, unit) = (track.anchor(t), self.unit(track, t));
        let mut push = |x: f64| into.push((x / unit).clamp(-MOST, MOST) as f32);
        for back in 0..self.kind.window {
            let back = back.min(t);
            let season = if self.kind.adjusts { track.behind(t, back) } else { 0.0 };
            push(f64::from(numbers[t - back]) - season - anchor);
        }
        for i in 0..MEMBERS {
            push(0.5 * (track.member(t, self.horizon, i) - anchor));
        }
        for i in 0..MEMBERS {
            push(track.member(t, 1, i) - anchor);
        }
        push(track.error(t));
        for i in 0..MEMBERS - 1 {
            into.push(track.weight(t, i) as f32);
        }
        into.push(((track.spread(t).ln() + 3.0) / 1.5) as f32);
        into.push(((age as f64 + 1.0).ln() - 3.0) as f32);
        if !self.pool.periods().is_empty() {
            let period = self.pool.periods()[0];
            let reach = period.min(24);
            for k in 1..=reach {
                into.push((track.ahead(t, k) / unit).clamp(-MOST, MOST) as f32 * 0.3);
            }
        }
    }
}

impl Windows for View<'_> {
    fn inputs(&self) -> usize {
        let seasonal = self.pool.periods().first().map_or(0, |period| (*period).min(24));
        self.kind.window + 3 * MEMBERS + 2 + seasonal
    }

    fn paths(&self) -> usize {
        if !self.kind.mixes {
            0
        } else if self.pool.periods().is_empty() {
            MEMBERS
        } else {
            MEMBERS + 3
        }
    }

    /// Each series from where the context begins to its end; those of like length together.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Batch> {
        let mut streams = Vec::with_capacity(self.pool.count());
        for i in 0..self.pool.count() {
            let warm_up = Seasonal::warm_up(self.periods(i)).max(2);
            // the last position has nothing to learn from
            let end = self.pool.len(i) - 1;
            let length = end.saturating_sub(warm_up).min(self.kind.context);
            if length > 0 {
                streams.push((
                    length,
                    rng.random::<u32>(),
                    Window { sequence: i, start: end - length, length, warm_up: (length / 4).min(3) },
                ));
            }
        }
        streams.sort_by_key(|(length, chance, _)| (*length, *chance));
        let streams: Vec<Window> = streams.into_iter().map(|(_, _, stream)| stream).collect();
        streams.chunks(self.kind.batch).map(<[Window]>::to_vec).collect()
    }

    fn fill(&self, walk: &Batch, with_targets: bool) -> Numbers {
        let steps = walk.iter().map(|stream| stream.length).max().unwrap_or(0);
        let (inputs, horizon, batch) = (self.inputs(), self.horizon, walk.len());
        let mut numbers = Numbers::zeros(steps, batch, inputs, horizon, self.paths());
        let mut others = vec![0.0f32; horizon * self.paths()];
        let mut track = self.track.borrow_mut();
        let mut row = Vec::with_capacity(inputs);
        let mut path = vec![0.0; horizon];
        for (b, stream) in walk.iter().enumerate() {
            let i = stream.sequence;
            let offset = self.run(stream, &mut track);
            let from = stream.start - offset;
            let all = self.pool.numbers(i);
            let series = self.pool.series(i);
            for step in 0..stream.length {
                let (t, position) = (offset + step, stream.start + step);
                row.clear();
                self.push_inputs(&track, &all[from..], t, position, &mut row);
                numbers.set_inputs(step, b, &row);
                let unit = self.unit(&track, t);
                if self.paths() > 0 && (with_targets || step + 1 == stream.length) {
                    track.push_paths(t, &mut others, horizon, self.paths(), |x| (x / unit).clamp(-MOST, MOST));
                    numbers.set_paths(step, b, &others);
                }
                if !with_targets || step < stream.warm_up {
                    continue;
                }
                let heft = if series.step > 0.0 { (self.heft(i, track.anchor(t)) / self.heft).min(10.0) } else { 1.0 };
                let weight = unit * (1.0 - self.kind.mase + self.kind.mase * heft);
                path.iter_mut().enumerate().for_each(|(k, p)| *p = track.plain(t, k + 1) + track.ahead(t, k + 1));
                for k in 1..=horizon {
                    let target = position + k;
                    if target < all.len() && self.pool.observed(i, target) {
                        let short = (f64::from(all[target]) - path[k - 1]) / unit;
                        numbers.set_target(step, b, k - 1, short.clamp(-50.0, 50.0) as f32, weight as f32);
                    }
                }
            }
        }
        numbers
    }
}
