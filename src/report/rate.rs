//! A share of a sample, with what the size of the sample allows to say of it.

use serde::Serialize;

/// `k` of `n`, with the 95 % Wilson score interval.
///
/// Formula: E. B. Wilson 1927, as in
/// <https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval>.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rate {
    /// How many of the sample.
    pub k: u32,
    /// The size of the sample.
    pub n: u32,
    /// The lower end of the interval, 0 to 1.
    pub low: f64,
    /// The upper end of the interval, 0 to 1.
    pub high: f64,
}

impl Rate {
    /// The share of `k` in `n`; an empty sample says nothing, so its interval is everything.
    #[must_use]
    pub fn new(k: u32, n: u32) -> Self {
        /// The 97.5 % quantile of the normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        if n == 0 {
            return Self { k, n, low: 0.0, high: 1.0 };
        }
        let (size, share) = (f64::from(n), f64::from(k) / f64::from(n));
        let denominator = 1.0 + Z * Z / size;
        let centre = (share + Z * Z / (2.0 * size)) / denominator;
        let spread = share * (1.0 - share) / size + Z * Z / (4.0 * size * size);
        let half = Z * spread.sqrt() / denominator;
        Self { k, n, low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
    }

    /// The share itself, 0 to 1; `None` for an empty sample.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        (self.n > 0).then(|| f64::from(self.k) / f64::from(self.n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures as given by R's `prop.test(k, n, correct = FALSE)`.
    #[test]
    fn the_interval_is_wilsons() {
        for (k, n, low, high) in
            [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)]
        {
            let rate = Rate::new(k, n);
            assert!((rate.low - low).abs() < 5e-5 && (rate.high - high).abs() < 5e-5, "{rate:?}");
        }
        assert_eq!(Rate::new(0, 0).share(), None);
    }
}
