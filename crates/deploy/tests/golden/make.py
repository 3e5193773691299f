"""Writes judges.json: what scipy and statsmodels say of the same samples. See README.md."""

import json
import math

import numpy as np
import scipy
import statsmodels
from scipy.optimize import brentq
from scipy.stats import mannwhitneyu, multivariate_normal, norm
from statsmodels.stats.proportion import score_test_proportions_2indep


def most_likely(x1, n1, x2, n2, d):
    """The shares that differ by d and make the counts most likely, by search instead of the cubic."""
    low, high = max(0.0, -d), min(1.0, 1.0 - d)

    def slope(p2):
        p1 = p2 + d
        left = (x1 / p1 if x1 else 0.0) - ((n1 - x1) / (1 - p1) if n1 > x1 else 0.0)
        right = (x2 / p2 if x2 else 0.0) - ((n2 - x2) / (1 - p2) if n2 > x2 else 0.0)
        return left + right

    tiny = 1e-14
    a, b = low + tiny, high - tiny
    if slope(a) <= 0:
        return low + d, low
    if slope(b) >= 0:
        return high + d, high
    p2 = brentq(slope, a, b, xtol=1e-16, rtol=1e-15, maxiter=500)
    return p2 + d, p2


def score(x1, n1, x2, n2, d, skew):
    p1, p2 = most_likely(x1, n1, x2, n2, d)
    n = n1 + n2
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1)
    if variance <= 0:
        return 0.0
    plain = (x1 / n1 - x2 / n2 - d) / math.sqrt(variance)
    if not skew:
        return plain
    third = p1 * (1 - p1) * (1 - 2 * p1) / n1**2 - p2 * (1 - p2) * (1 - 2 * p2) / n2**2
    a = third / (6 * variance**1.5)
    if abs(a) < 1e-15:
        return plain
    # The quadratic itself; the product writes its root in another form.
    return (-1 + math.sqrt(max(0.0, 1 + 4 * a * (plain + a)))) / (2 * a)


# R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 7 (Miettinen and Nurminen), 95 %.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0528, 0.3382),
    (9, 10, 3, 10, 0.1700, 0.8406),
    (6, 7, 2, 7, 0.0342, 0.8534),
    (5, 56, 0, 29, -0.0326, 0.1933),
]


def proportions(rng):
    for x1, n1, x2, n2, low, high in NEWCOMBE:
        for end, z in ((low, norm.isf(0.025)), (high, -norm.isf(0.025))):
            root = brentq(lambda d: score(x1, n1, x2, n2, d, False) - z, -0.9999, 0.9999)
            assert abs(root - end) < 6e-5, (x1, n1, x2, n2, root)
    cases = [(0, 50, 0, 1000), (3, 100, 4, 2000), (42, 2000, 310, 77500), (10, 10, 90, 100), (56, 70, 48, 80), (0, 10, 20, 20)]
    for _ in range(14):
        n1, n2 = int(rng.integers(20, 5000)), int(rng.integers(20, 50000))
        p = float(rng.choice([0.001, 0.01, 0.1, 0.5, 0.97]))
        cases.append((int(rng.binomial(n1, p)), n1, int(rng.binomial(n2, p)), n2))
    out = []
    for x1, n1, x2, n2 in cases:
        # statsmodels 0.15 is right for a difference of zero; elsewhere its cubic takes events for trials.
        if x1 + x2 > 0:
            theirs = score_test_proportions_2indep(x1, n1, x2, n2, value=0, compare="diff", correction=True).statistic
            assert abs(score(x1, n1, x2, n2, 0.0, False) - theirs) < 1e-6, (x1, n1, x2, n2)
        scores = []
        for d in (-0.01, 0.0, 0.003, 0.05):
            scores.append([d, score(x1, n1, x2, n2, d, True)])
        out.append({"counts": [x1, n1, x2, n2], "scores": scores})
    return out


def ranks(rng):
    out = []
    for m, n, shift, digits in [(30, 30, 0, 6), (40, 70, 0.5, 6), (50, 50, 0.3, 1), (35, 200, -0.7, 0), (80, 31, 0, 0)]:
        new = np.round(rng.lognormal(3, 0.4, m) * (1 + shift * 0.3), digits)
        old = np.round(rng.lognormal(3, 0.4, n), digits)
        differences = np.sort((new[:, None] - old[None, :]).ravel())
        test = mannwhitneyu(new, old, method="asymptotic", use_continuity=False, alternative="two-sided")
        _, counts = np.unique(np.concatenate([new, old]), return_counts=True)
        total = m + n
        deviation = math.sqrt(m * n / 12 * (total + 1 - sum(int(t) ** 3 - int(t) for t in counts) / (total * (total - 1))))
        # Ours must be scipy's deviation: its p-value follows from it.
        assert abs(2 * norm.sf(abs(test.statistic - m * n / 2) / deviation) - test.pvalue) < 1e-12
        z = norm.isf(0.01)
        rank = math.floor(m * n / 2 - z * deviation)
        out.append({
            "new": new.tolist(), "old": old.tolist(), "bound": z,
            "cles": test.statistic / (m * n), "mean_ratio": float(new.mean() / old.mean()),
            "shift": float(np.median(differences)),
            "low": float(differences[rank - 1]), "high": float(differences[m * n - rank]),
        })
    return out


def spending():
    """Bounds by integrals of the multivariate normal distribution, another way than the product's recursion."""
    out = []
    for alpha, looks, information in [(0.05, 3, [1, 2, 3]), (0.05, 3, [1.0, 1.5, 4.0]), (0.025, 4, [1, 2, 3, 4]), (0.01, 2, [3, 4])]:
        bounds, before = [], 0.0
        for k in range(1, len(information) + 1):
            spent = alpha if k == looks else 2 * norm.sf(norm.isf(alpha / 2) / math.sqrt(k / looks))
            now = np.array(information[:k], float)
            covariance = np.sqrt(np.minimum.outer(now, now) / np.maximum.outer(now, now))

            def stays(bound):
                law = multivariate_normal(np.zeros(k), covariance, abseps=1e-9, releps=1e-9, maxpts=4_000_000)
                return law.cdf(np.array(bounds + [bound]), rng=np.random.default_rng(1))

            stayed = 1 - before
            bounds.append(brentq(lambda bound: stayed - stays(bound) - (spent - before), 0, 7, xtol=1e-8) if k > 1 else norm.isf(spent))
            before = spent
        out.append({"alpha": alpha, "looks": looks, "information": information, "bounds": bounds})
    return out


def main():
    rng = np.random.default_rng(20261130)
    tails = [1e-12, 1e-6, 0.001, 0.0133, 0.05, 0.3, 0.5, 0.7, 0.99, 0.999999]
    vectors = {
        "made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "points": [[p, float(norm.isf(p))] for p in tails],
        "proportion": proportions(rng),
        "mann_whitney": ranks(rng),
        "spending": spending(),
    }
    with open("judges.json", "w", encoding="ascii") as file:
        json.dump(vectors, file, indent=1)
        file.write("\n")


main()
