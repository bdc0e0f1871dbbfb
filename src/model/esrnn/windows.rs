//! What a member sees of each series and what it is to say, and the way back from the gradients of both to the smoothing.

use std::cell::RefCell;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::settings::Kind;
use super::smoothing::{Law, Pull, Track};
use super::table::Table;
use crate::model::categories::OneHots;
use crate::model::global::Pool;
use crate::model::rnn::{Gradients, Joint, Made, Stream, Walk};

/// Most that a number that is seen can be, and one that is to be said: a spike must not outweigh everything else.
const MOST_SEEN: f64 = 12.0;
const MOST_SAID: f64 = 50.0;
/// Most steps of the season ahead that are seen.
const SEASON_SEEN: usize = 24;
/// Factor on these: they are far from the level, and known.
const SEASON_SCALE: f64 = 0.3;
/// Positions whose loss does not count, since the network has seen next to nothing.
const UNSURE: usize = 3;

/// A pool as one kind of member sees it, with the parameters that its smoothing has.
#[derive(Debug)]
pub(super) struct View<'a> {
    pool: &'a Pool,
    classes: &'a OneHots,
    kind: &'a Kind,
    horizon: usize,
    /// The mean of how much a step of a series counts in its MASE, over the pool.
    heft: f64,
    /// Learning rates of a series' own parameters and of the shared ones, at their highest.
    rates: (f64, f64),
    table: RefCell<Table>,
    /// Of the streams of the walk that was filled last.
    tapes: RefCell<Vec<Tape>>,
    pull: RefCell<Pull>,
}

/// A stream's smoothing.
#[derive(Debug, Default)]
struct Tape {
    law: Law,
    track: Track,
    /// The position in the series of the track's first.
    from: usize,
}

/// What smoothing alone says of the steps after a position, on the pool's scale.
#[derive(Debug)]
pub(super) struct Base {
    /// The level with the seasons expected.
    pub(super) path: Vec<f64>,
    /// What networks speak in units of.
    pub(super) spread: f64,
}

impl Tape {
    fn run(&mut self, pool: &Pool, table: &Table, stream: &Stream) {
        self.law = table.law(stream.sequence);
        self.from = table.places[stream.sequence].from;
        self.track.run(&pool.numbers(stream.sequence)[self.from..stream.start + stream.length], &self.law);
    }
}

impl<'a> View<'a> {
    /// `classes`: the categories of the pool's series; `pace`: the learning rate as a share of the kind's.
    pub(super) fn new(
        (pool, classes): (&'a Pool, &'a OneHots),
        kind: &'a Kind,
        horizon: usize,
        pace: f64,
        table: Table,
    ) -> Self {
        let rates = (pace * kind.learning_rate * kind.smoothing_pace, pace * kind.learning_rate);
        let (tapes, pull) = (RefCell::default(), RefCell::default());
        let mut view = Self { pool, classes, kind, horizon, heft: 1.0, rates, table: RefCell::new(table), tapes, pull };
        let hefts = (0..pool.count()).map(|i| view.heft(i, f64::from(pool.numbers(i)[pool.len(i) - 1])));
        let (sum, count) = hefts.filter(|h| h.is_finite()).fold((0.0, 0usize), |(s, n), h| (s + h.min(1e3), n + 1));
        view.heft = if count > 0 && sum > 0.0 { sum / count as f64 } else { 1.0 };
        view
    }

    /// What was learned.
    pub(super) fn into_table(self) -> Table {
        self.table.into_inner().at_rest()
    }

    /// Numbers seen at each position, of which the last two and those of the categories are not smoothed.
    pub(super) fn inputs_for(kind: &Kind, periods: &[usize], categories: usize) -> usize {
        kind.window + season_seen(periods) + 2 + categories
    }

    /// How much a step of a number counts in the series' MASE.
    fn heft(&self, i: usize, number: f64) -> f64 {
        let series = self.pool.series(i);
        series.scale.slope(number) / series.step
    }

    /// The stream that ends at the end of a series, as long as the context allows.
    pub(super) fn whole(&self, i: usize) -> Stream {
        let (n, from) = (self.pool.len(i), self.table.borrow().places[i].from);
        let length = (n - from).min(self.kind.context);
        Stream { sequence: i, start: n - length, length, warm_up: 0 }
    }

    /// What smoothing says at the last position of a stream of the walk that was filled last.
    pub(super) fn base(&self, stream: usize) -> Base {
        let track = &self.tapes.borrow()[stream].track;
        let last = track.len() - 1;
        let path = (1..=self.horizon).map(|k| track.level(last) + track.ahead(last, k));
        Base { path: path.collect(), spread: track.spread(last) }
    }

    fn push_inputs(&self, tape: &Tape, numbers: &[f32], t: usize, into: &mut Vec<f32>) {
        let track = &tape.track;
        for back in 0..self.kind.window {
            into.push(window(track, numbers, t, back).clamp(-MOST_SEEN, MOST_SEEN) as f32);
        }
        for k in 1..=season_seen(self.pool.periods()) {
            into.push(season(track, t, k).clamp(-MOST_SEEN, MOST_SEEN) as f32);
        }
        into.push(((track.spread(t).ln() + 3.0) / 1.5) as f32);
        into.push(((t as f64 + 1.0).ln() - 3.0) as f32);
    }

    /// The way back of [`View::push_inputs`].
    fn pull_inputs(&self, tape: &Tape, numbers: &[f32], t: usize, gradient: &[f32], pull: &mut Pull) {
        let (track, spread) = (&tape.track, tape.track.spread(t));
        let (seen, ahead) = gradient.split_at(self.kind.window);
        for (back, g) in seen.iter().enumerate() {
            if window(track, numbers, t, back).abs() < MOST_SEEN {
                let g = f64::from(*g) / spread;
                pull.level[t] -= g;
                pull.add_season(t - back.min(t), -g);
            }
        }
        for (k, g) in (1..=season_seen(self.pool.periods())).zip(ahead) {
            if season(track, t, k).abs() < MOST_SEEN {
                pull.add_ahead(t, k, SEASON_SCALE * f64::from(*g) / spread);
            }
        }
    }

    /// The gradient of a stream's smoothing parameters, given that of what is seen and to be said there.
    fn gradient(&self, tape: &Tape, stream: &Stream, b: usize, gradients: &Gradients) -> Law {
        let mut pull = self.pull.borrow_mut();
        let numbers = &self.pool.numbers(stream.sequence)[tape.from..];
        pull.start(&tape.track);
        for step in 0..stream.length {
            let t = stream.start + step - tape.from;
            self.pull_inputs(tape, numbers, t, gradients.inputs(step, b), &mut pull);
            if step < stream.warm_up {
                continue;
            }
            let (to, spread) = (gradients.targets(step, b), tape.track.spread(t));
            self.targets(tape, stream, step, |k, far| {
                if far.abs() < MOST_SAID {
                    let g = f64::from(to[k - 1]) / spread;
                    pull.level[t] -= g;
                    pull.add_ahead(t, k, -g);
                }
            });
        }
        self.penalty(tape, stream, gradients.penalty, Some(&mut pull));
        tape.track.pull_back(numbers, &tape.law, &mut pull)
    }

    /// Calls `what` for every target that counts at a step of a stream: with the step ahead from 1 and how far the value is
    /// from the base in units of the spread.
    fn targets(&self, tape: &Tape, stream: &Stream, step: usize, mut what: impl FnMut(usize, f64)) {
        let all = self.pool.numbers(stream.sequence);
        let position = stream.start + step;
        let t = position - tape.from;
        let (level, spread) = (tape.track.level(t), tape.track.spread(t));
        for k in (1..=self.horizon).take_while(|k| position + k < all.len()) {
            if self.pool.observed(stream.sequence, position + k) {
                what(k, (f64::from(all[position + k]) - level - tape.track.ahead(t, k)) / spread);
            }
        }
    }

    /// The penalty for a level that changes its course (Smyl 2020, section 3.4): the sum over a stream's positions of the
    /// squared second difference in units of the spread, times the spread as all losses are; and into `pull` its gradient
    /// times `share`.
    fn penalty(&self, tape: &Tape, stream: &Stream, share: f64, mut pull: Option<&mut Pull>) -> f64 {
        let first = stream.start + stream.warm_up - tape.from;
        let weight = self.kind.level_penalty * self.horizon as f64;
        let track = &tape.track;
        let mut sum = 0.0;
        if weight == 0.0 {
            return sum;
        }
        for t in first.max(2)..track.len() {
            let bend = track.level(t) - 2.0 * track.level(t - 1) + track.level(t - 2);
            sum += weight * bend * bend / track.spread(t);
            if let Some(pull) = pull.as_deref_mut() {
                let g = share * weight * 2.0 * bend / track.spread(t);
                pull.level[t] += g;
                pull.level[t - 1] -= 2.0 * g;
                pull.level[t - 2] += g;
            }
        }
        sum
    }
}

/// What is seen of the value `back` steps before position `t`.
fn window(track: &Track, numbers: &[f32], t: usize, back: usize) -> f64 {
    let at = t - back.min(t);
    (f64::from(numbers[at]) - track.season(at) - track.level(t)) / track.spread(t)
}

/// What is seen of the season `k` steps after position `t`.
fn season(track: &Track, t: usize, k: usize) -> f64 {
    SEASON_SCALE * track.ahead(t, k) / track.spread(t)
}

fn season_seen(periods: &[usize]) -> usize {
    periods.first().map_or(0, |period| (*period).min(SEASON_SEEN))
}

impl Joint for View<'_> {
    fn inputs(&self) -> usize {
        Self::inputs_for(self.kind, self.pool.periods(), self.classes.width)
    }

    /// Each series from where the context begins to its end; those of like length together.
    fn walks(&self, rng: &mut ChaCha8Rng) -> Vec<Walk> {
        let table = self.table.borrow();
        let mut streams = Vec::with_capacity(self.pool.count());
        for i in 0..self.pool.count() {
            let n = self.pool.len(i);
            let from = table.places[i].from;
            let warm_up = table.warm_up(i, n).min((n - from) / 2);
            // the last position has nothing to learn from
            let length = (n - 1).saturating_sub(from + warm_up).min(self.kind.context);
            if length > 0 {
                let stream = Stream { sequence: i, start: n - 1 - length, length, warm_up: (length / 4).min(UNSURE) };
                streams.push((length, rng.random::<u32>(), stream));
            }
        }
        streams.sort_by_key(|(length, chance, _)| (*length, *chance));
        let streams: Vec<Stream> = streams.into_iter().map(|(_, _, stream)| stream).collect();
        streams.chunks(self.kind.batch).map(<[Stream]>::to_vec).collect()
    }

    fn fill(&self, walk: &Walk, with_targets: bool) -> Made {
        let steps = walk.iter().map(|stream| stream.length).max().unwrap_or(0);
        let mut made = Made::zeros(steps, walk.len(), self.inputs(), if with_targets { self.horizon } else { 0 });
        let (table, mut tapes) = (self.table.borrow(), self.tapes.borrow_mut());
        if tapes.len() < walk.len() {
            tapes.resize_with(walk.len(), Tape::default);
        }
        let mut row = Vec::with_capacity(self.inputs());
        for (b, (stream, tape)) in walk.iter().zip(tapes.iter_mut()).enumerate() {
            tape.run(self.pool, &table, stream);
            let numbers = &self.pool.numbers(stream.sequence)[tape.from..];
            let step_size = self.pool.series(stream.sequence).step;
            for step in 0..stream.length {
                let t = stream.start + step - tape.from;
                row.clear();
                self.push_inputs(tape, numbers, t, &mut row);
                let classes = row.len();
                row.resize(self.inputs(), 0.0);
                self.classes.ones[stream.sequence].iter().for_each(|one| row[classes + one] = 1.0);
                made.set_inputs(step, b, &row);
                if !with_targets || step < stream.warm_up {
                    continue;
                }
                let relative =
                    if step_size > 0.0 { self.heft(stream.sequence, tape.track.level(t)) / self.heft } else { 1.0 };
                let weight = tape.track.spread(t) * (1.0 - self.kind.mase + self.kind.mase * relative.min(10.0));
                self.targets(tape, stream, step, |k, far| {
                    made.set_target(step, b, k - 1, far.clamp(-MOST_SAID, MOST_SAID) as f32, weight as f32);
                });
            }
            if with_targets {
                made.penalty += self.penalty(tape, stream, 0.0, None);
            }
        }
        made
    }

    fn learns(&self) -> bool {
        self.kind.smoothing_pace > 0.0
    }

    fn learn(&self, walk: &Walk, gradients: &Gradients, pace: f64) {
        let tapes = self.tapes.borrow();
        let gradient =
            |(b, stream): (usize, &Stream)| (stream.sequence, self.gradient(&tapes[b], stream, b, gradients));
        let laws: Vec<(usize, Law)> = walk.iter().enumerate().map(gradient).collect();
        self.table.borrow_mut().learn(&laws, pace * self.rates.0, pace * self.rates.1);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::data::Panel;

    fn kind() -> Kind {
        Kind {
            window: 5,
            context: 30,
            hidden: 4,
            dilations: vec![vec![1]],
            mase: 0.5,
            level_penalty: 0.7,
            batch: 1,
            epochs: 1,
            learning_rate: 1e-3,
            smoothing_pace: 1.0,
        }
    }

    /// A linear loss of all that is seen and to be said, and the penalty.
    fn loss(view: &View<'_>, tape: &Tape, stream: &Stream, seen: &[f32], said: &[f32]) -> f64 {
        let numbers = &view.pool.numbers(stream.sequence)[tape.from..];
        let (inputs, mut row) = (view.inputs(), Vec::new());
        let mut sum = view.penalty(tape, stream, 0.0, None);
        for step in 0..stream.length {
            row.clear();
            view.push_inputs(tape, numbers, stream.start + step - tape.from, &mut row);
            sum += row.iter().zip(&seen[step * inputs..]).map(|(x, c)| f64::from(x * c)).sum::<f64>();
            if step >= stream.warm_up {
                view.targets(tape, stream, step, |k, far| {
                    sum += far * f64::from(said[step * view.horizon + k - 1]);
                });
            }
        }
        sum
    }

    /// The way back through what is seen, what is to be said, the penalty and the smoothing, against central differences.
    #[test]
    fn the_way_back_is_that_of_finite_differences() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let season = [0.3, -0.1, -0.4, 0.2];
        let values: Vec<f64> =
            (0..60).map(|t| (2.0 + season[t % 4] + 0.02 * t as f64 + rng.random_range(-0.2..0.2)).exp()).collect();
        let pool = Pool::new(&Panel::from_values(&values, 4), &[4, 9], 0);
        let kind = kind();
        let classes = OneHots::none(1);
        let view = View::new((&pool, &classes), &kind, 6, 1.0, Table::new(&pool, kind.context, None, None));
        let walk = view.walks(&mut rng).remove(0);
        let made = view.fill(&walk, true);
        let stream = walk[0];
        let mut draw = |count: usize| -> Vec<f32> { (0..count).map(|_| rng.random_range(-1.0f32..1.0)).collect() };
        let (seen, said) = (draw(stream.length * view.inputs()), draw(stream.length * view.horizon));
        let gradients = Gradients::new(&made, seen.clone(), said.clone(), 1.0);
        let tape = view.tapes.borrow_mut().remove(0);
        let gradient = view.gradient(&tape, &stream, 0, &gradients);
        let numbers = &pool.numbers(0)[tape.from..stream.start + stream.length];
        let slope = |nudge: &dyn Fn(&mut Law, f64)| {
            let at = |by: f64| {
                let mut law = tape.law.clone();
                nudge(&mut law, by);
                let mut track = Track::default();
                track.run(numbers, &law);
                track.keep_spread(&tape.track);
                loss(&view, &Tape { law, track, from: tape.from }, &stream, &seen, &said)
            };
            (at(1e-3) - at(-1e-3)) / 2e-3
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 2e-3 * a.abs().max(10.0), "{a} for {b}");
        near(gradient.level, slope(&|law, by| law.level += by));
        for i in 0..2 {
            near(gradient.rates[i], slope(&|law, by| law.rates[i] += by));
            for j in 0..gradient.first[i].len() {
                near(gradient.first[i][j], slope(&|law, by| law.first[i][j] += by));
            }
        }
        assert!(
            gradient.level.abs() > 1.0 && gradient.rates[0].abs() > 0.1,
            "there is something to compare: {gradient:?}"
        );
    }
}
