//! Whether two samples differ by more than chance, without asking how their values are spread.

/// Below this the normal approximation is not even looked at twice: no p that could be asked for is
/// as large as what follows.
const CLEARLY_CHANCE: f64 = 1.9;

/// The two-sided p of the test of H. B. Mann and D. R. Whitney 1947
/// (<https://doi.org/10.1214/aoms/1177730491>), exact; 1 where it is above 0.05.
///
/// Ties between the samples count half, which with the distribution for samples without ties is on the
/// safe side.
pub(super) fn mann_whitney(a: &[f64], b: &[f64]) -> f64 {
    let mut sorted = b.to_vec();
    sorted.sort_by(f64::total_cmp);
    // Twice the statistic, so that half a point stays whole.
    let twice: usize = a
        .iter()
        .map(|it| {
            let below = sorted.partition_point(|other| other < it);
            let up_to = sorted.partition_point(|other| other <= it);
            below + up_to
        })
        .sum();
    let pairs = a.len() * b.len();
    let least = twice.min(2 * pairs - twice).div_ceil(2);
    let (size, n) = (pairs as f64, (a.len() + b.len()) as f64);
    let z = (size / 2.0 - least as f64 - 0.5) / (size * (n + 1.0) / 12.0).sqrt();
    if pairs == 0 || z < CLEARLY_CHANCE {
        return 1.0;
    }
    let (small, large) = (a.len().min(b.len()), a.len().max(b.len()));
    (2.0 * ways_up_to(least, small, large) / choose(small + large, small)).min(1.0)
}

/// In how many orders of two samples the statistic is at most `most`: the first coefficients of a
/// Gaussian binomial.
fn ways_up_to(most: usize, small: usize, large: usize) -> f64 {
    let mut ways = vec![0_i128; most + 1];
    ways[0] = 1;
    for n in 1..=small {
        for at in (large + n..=most).rev() {
            ways[at] -= ways[at - large - n];
        }
        for at in n..=most {
            ways[at] += ways[at - n];
        }
    }
    ways.into_iter().sum::<i128>() as f64
}

/// The two-sided p of the exact test of R. A. Fisher (*Statistical Methods for Research Workers*, 1934) for so
/// many passed of so many in two samples: twice that of the smaller tail.
pub(super) fn fisher(a: (usize, usize), b: (usize, usize)) -> f64 {
    let ((k, n), (l, m)) = (a, b);
    let passed = k + l;
    let all = choose(n + m, passed);
    let at = |k: usize| {
        let rest = passed.checked_sub(k).filter(|rest| *rest <= m && k <= n);
        rest.map_or(0.0, |rest| choose(n, k) * choose(m, rest) / all)
    };
    let low: f64 = (0..=k).map(at).sum();
    let high: f64 = (k..=n).map(at).sum();
    (2.0 * low.min(high)).min(1.0)
}

fn choose(n: usize, k: usize) -> f64 {
    (1..=k.min(n - k)).fold(1.0, |ways, it| ways * (n - it + 1) as f64 / it as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(from: u32, n: u32) -> Vec<f64> {
        (from..from + n).map(f64::from).collect()
    }

    /// The first are those of R's `wilcox.test(a, b, exact = TRUE)`, the last is twice the tail of `phyper`.
    #[test]
    fn the_figures_are_those_of_others() {
        let is = |p: f64, wanted: f64| assert!((p - wanted).abs() < wanted * 1e-3, "{p} {wanted}");
        is(mann_whitney(&numbers(0, 4), &numbers(10, 4)), 0.028_571_4);
        is(mann_whitney(&numbers(10, 6), &numbers(0, 6)), 0.002_164_5);
        is(mann_whitney(&[1.0, 2.0, 3.0, 4.0, 9.5], &numbers(5, 7)), 0.047_979_8);
        is(mann_whitney(&numbers(0, 30), &numbers(50, 30)), 2.0 / 1.182_645_8e17);
        assert!(mann_whitney(&numbers(0, 30), &numbers(3, 30)) > 0.05);
        is(fisher((30, 30), (0, 4)), 2.0 / 46_376.0);
        assert!(fisher((29, 30), (28, 30)) > 0.5);
    }

    #[test]
    fn the_same_twice_differs_by_chance() {
        for n in [4, 9, 30] {
            assert!(mann_whitney(&numbers(0, n), &numbers(0, n)) >= 1.0);
            assert!(mann_whitney(&vec![2.0; n as usize], &[2.0; 7]) >= 1.0);
        }
    }
}
