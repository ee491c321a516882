"""Answers in scipy's words: one JSON question a line, one JSON answer a line. Started once for all questions of a test."""

import json
import sys
import warnings

import numpy as np
from scipy import integrate, optimize, special, stats

warnings.simplefilter("ignore")


def summary(q):
    x = np.array(q["x"])
    return [x.mean(), x.std(ddof=1), *np.quantile(x, [0, 0.25, 0.5, 0.75, 1])]


def difference(found, estimate, error):
    interval = found.confidence_interval(0.95)
    return [estimate, error, float(found.statistic), float(found.df), float(found.pvalue), interval.low, interval.high]


def welch(q):
    a, b = np.array(q["a"]), np.array(q["b"])
    error = np.hypot(a.std(ddof=1) / len(a) ** 0.5, b.std(ddof=1) / len(b) ** 0.5)
    return difference(stats.ttest_ind(b, a, equal_var=False), b.mean() - a.mean(), error)


def paired(q):
    a, b = np.array(q["a"]), np.array(q["b"])
    return difference(stats.ttest_rel(b, a), (b - a).mean(), (b - a).std(ddof=1) / len(a) ** 0.5)


def equivalence(q):
    a, b, margin = np.array(q["a"]), np.array(q["b"]), q["margin"]
    low = stats.ttest_ind(b + margin, a, equal_var=False, alternative="greater").pvalue
    high = stats.ttest_ind(b - margin, a, equal_var=False, alternative="less").pvalue
    return [max(low, high)]


def superiority(q):
    a, b = np.array(q["a"]), np.array(q["b"])
    p = stats.mannwhitneyu(b, a).statistic / len(a) / len(b)
    pairs = (np.mean(b > a) + np.mean(b == a) / 2) if len(a) == len(b) else p
    return [p, pairs, 2 * p - 1]


def effect(q):
    a, b = np.array(q["a"]), np.array(q["b"])
    df = len(a) + len(b) - 2
    pooled = (((len(a) - 1) * a.var(ddof=1) + (len(b) - 1) * b.var(ddof=1)) / df) ** 0.5
    d = (b.mean() - a.mean()) / pooled
    j = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / (df / 2) ** 0.5
    return [d, d * j]


def power(q):
    n, d = q["n"], q["d"]
    df, delta = (n - 1, d * n**0.5) if q["paired"] else (2 * n - 2, d * (n / 2) ** 0.5)
    limit = stats.t.isf(0.025, df)
    return [stats.nct.sf(limit, df, delta) + stats.nct.cdf(-limit, df, delta)]


def tolerance_factor(q):
    """The two-sided factor by adaptive quadrature over the mean, the inner length by the noncentral chi-squared quantile."""
    n, share, confidence = q["n"], q["share"], q["confidence"]
    df = n - 1

    def reached(k):
        def at(z):
            r2 = stats.ncx2.ppf(share, 1, z * z) if z > 0 else stats.chi2.ppf(share, 1)
            return stats.chi2.sf(df * r2 / k**2, df) * np.exp(-n * z * z / 2)

        return 2 * (n / (2 * np.pi)) ** 0.5 * integrate.quad(at, 0, 9 / n**0.5, epsabs=1e-11)[0]

    return [optimize.brentq(lambda k: reached(k) - confidence, 0.5, 500)]


def seen(q):
    n, width = q["n"], (1 + 1 / q["n"]) ** 0.5
    limit, delta = q["factor"] / width, q["shift"] / width
    return [stats.nct.sf(limit, n - 1, delta) + stats.nct.cdf(-limit, n - 1, delta)]


ANSWERS = {
    "tolerance-factor": tolerance_factor,
    "seen": seen,
    "chi": lambda q: [stats.chi2.sf(q["x"], q["df"])],
    "summary": summary,
    "welch": welch,
    "paired": paired,
    "equivalence": equivalence,
    "superiority": superiority,
    "effect": effect,
    "power": power,
    "t": lambda q: [stats.t.sf(q["t"], q["df"])],
    "t-quantile": lambda q: [stats.t.isf(q["p"], q["df"])],
    "normal": lambda q: [stats.norm.sf(q["x"])],
    "normal-quantile": lambda q: [stats.norm.ppf(q["p"])],
    "beta": lambda q: [special.betainc(q["a"], q["b"], q["x"])],
    "beta-quantile": lambda q: [special.betaincinv(q["a"], q["b"], q["p"])],
    "gamma": lambda q: [special.gammaln(q["x"])],
    "f": lambda q: [stats.f.sf(q["f"], q["over"], q["under"])],
    "nct": lambda q: [stats.nct.cdf(q["t"], q["df"], q["delta"])],
    "exact": lambda q: list(stats.binomtest(q["k"], q["n"]).proportion_ci(0.95)),
}

for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps([float(one) for one in ANSWERS[question["of"]](question)]))
