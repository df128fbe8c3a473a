"""Every statistic against a published example, or against another way to compute it."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa

from spinelib.statistics.raters import (
    Estimate,
    bland_altman,
    by_patient,
    confusion,
    icc,
    severity_confusion,
    weighted_kappa,
)

# Bland & Altman, Lancet 327:307-310, 1986, table 1: peak flow, l/min, first reading by each of two meters.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
# Shrout & Fleiss, Psychol Bull 86:420-428, 1979, table 2: six targets, four judges.
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
# SAS/STAT User's Guide, PROC FREQ, Agreement Study: two dermatologists, 88 patients, terrible to clear.
SKIN = np.array([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]])


def sample(n, mean, sd):
    """Values [n] with exactly this mean and standard deviation."""
    values = stats.norm.ppf((np.arange(n) + 0.5) / n)
    return mean + sd * (values - values.mean()) / values.std(ddof=1)


def test_peak_flow_has_the_published_bias_spread_and_limits():
    # The paper's limits take two standard deviations, and the rounded bias and spread.
    found = bland_altman(MINI, WRIGHT, coverage=2 * stats.norm.cdf(2) - 1)
    assert (round(found.bias.value, 1), round(found.sd, 1), found.n) == (-2.1, 38.8, 17)
    assert [found.lower.value, found.upper.value] == pytest.approx([-79.7, 75.5], abs=0.1)
    assert [found.bias.low, found.bias.high] == pytest.approx([-22.0, 17.8], abs=0.05)


def test_the_approximate_intervals_are_those_of_the_1999_formula():
    found = bland_altman(MINI, WRIGHT, method="approximate")
    # The 1986 paper's own intervals, -114.3 to -45.1 and 40.9 to 110.1, use 2 sd and the rounder 3 / n.
    assert found.lower[1:] == pytest.approx([-114.3, -45.1], abs=3)
    assert found.upper[1:] == pytest.approx([40.9, 110.1], abs=3)
    se = 38.76513 * np.sqrt(1 / 17 + 1.959964**2 / (2 * 16))
    assert found.upper.high - found.upper.value == pytest.approx(2.119905 * se, rel=1e-6)
    assert found.lower.value - found.lower.low == pytest.approx(2.119905 * se, rel=1e-6)


@pytest.mark.parametrize(("n", "factor"), [(3, 7.656), (5, 4.203), (10, 2.911), (20, 2.396)])
def test_the_exact_interval_has_the_tabulated_tolerance_factors(n, factor):
    # One-sided factors of the normal distribution, 95 % of values with 95 % confidence (Owen 1963; ISO 16269-6).
    found = bland_altman(np.zeros(n), sample(n, 3, 2), coverage=0.9, level=0.9)
    assert found.upper.high == pytest.approx(3 + 2 * factor, abs=2e-3)
    assert found.lower.low == pytest.approx(3 - 2 * factor, abs=2e-3)


def test_the_exact_interval_covers_the_true_limit_as_often_as_it_says():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(400):
        found = bland_altman(np.zeros(8), rng.normal(1, 2, 8))
        hits += found.upper.low <= 1 + 2 * 1.959964 <= found.upper.high
    assert hits / 400 == pytest.approx(0.95, abs=0.033)


def test_exact_and_approximate_meet_in_large_samples():
    values = sample(4000, 1, 2)
    one, other = (bland_altman(np.zeros(4000), values, method=m) for m in ("exact", "approximate"))
    assert one.upper == pytest.approx(other.upper, abs=0.005)
    assert one.lower == pytest.approx(other.lower, abs=0.005)


def test_the_slope_is_that_of_differences_on_means():
    reference = np.array([10.0, 20, 30, 40, 55])
    found = bland_altman(reference, 0.8 * reference)
    # d = -0.2 g on the mean 0.9 g
    assert found.slope.value == pytest.approx(-0.2 / 0.9)
    assert found.p_slope < 1e-6
    found = bland_altman(MINI, WRIGHT)
    mean, d = (np.array(WRIGHT) + MINI) / 2, np.subtract(WRIGHT, MINI)
    r = np.corrcoef(mean, d)[0, 1]
    t = r * np.sqrt(15 / (1 - r**2))
    assert found.p_slope == pytest.approx(2 * stats.t.sf(abs(t), 15))
    error = found.slope.value / t
    assert [found.slope.low, found.slope.high] == pytest.approx(found.slope.value + 2.13145 * error * np.array([-1, 1]))


def test_films_of_a_patient_count_once():
    reference, prediction, patients = [10, 20, 30, 40, 50], [12, 20, 33, 44, 50], ["b", "b", "a", "c", "d"]
    found = bland_altman(reference, prediction, patients)
    assert found == bland_altman([15, 30, 40, 50], [16, 33, 44, 50])
    assert found.n == 4
    ratings = np.transpose([reference, prediction])
    np.testing.assert_array_equal(by_patient(ratings, patients), [[15, 16], [30, 33], [40, 44], [50, 50]])
    assert icc(ratings, patients) == icc([[15, 16], [30, 33], [40, 44], [50, 50]])
    # 8 and 14 are mild on average.
    assert severity_confusion([8, 14], [8, 14], [1, 1]).tolist()[1] == [0, 1, 0, 0]


def test_few_patients_have_no_interval():
    two = bland_altman([1, 2], [2, 5])
    assert (two.bias.value, two.n) == (2, 2)
    assert two.sd == pytest.approx(np.sqrt(2))
    ends = [*two.bias[1:], *two.lower[1:], *two.upper[1:], *two.slope, two.p_slope]
    assert np.isnan(ends).all()
    assert np.isfinite([two.lower.value, two.upper.value]).all()
    one = bland_altman([1, 2], [2, 5], ["a", "a"])
    assert one.n == 1
    assert np.isnan([one.sd, one.upper.value]).all()
    found = icc([[1, 2], [5, 5]])
    assert np.isfinite(found.value)
    assert np.isnan(found[1:]).all()
    assert np.isnan(icc([[1, 2]])).all()
    found = weighted_kappa([[1, 0], [0, 1]])
    assert found.value == 1
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize("table", [[[0, 7, 0], [0, 5, 0], [0, 3, 0]], [[0, 0, 0], [7, 5, 3], [0, 0, 0]]])
@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_a_reading_that_knows_one_class_only_agrees_as_chance_does(table, weights):
    found = weighted_kappa(table, weights)
    assert found.value == 0
    assert np.isnan(found[1:]).all()


@pytest.mark.filterwarnings("error")
def test_equal_readings_agree_fully():
    found = bland_altman([10, 20, 30, 40], [10, 20, 30, 40])
    assert [*found.bias, found.sd, *found.lower, *found.upper, *found.slope] == [0] * 13
    assert found.p_slope == 1
    assert icc([[1.1, 1.1], [2.3, 2.3], [3.7, 3.7]]) == Estimate(1, 1, 1)
    assert weighted_kappa(np.diag([3, 4, 5])) == Estimate(1, 1, 1)
    assert np.isnan(icc(np.ones((4, 2)))).all()
    assert np.isnan(weighted_kappa([[5, 0], [0, 0]])).all()
    assert np.isnan(bland_altman([10, 10, 10], [10, 10, 10]).slope).all()


def test_the_six_targets_have_the_published_icc():
    # 0.29 in the paper; 0.019 to 0.761 is what psych and irr in R print.
    assert icc(JUDGES) == pytest.approx((0.290, 0.019, 0.761), abs=5e-4)
    # The paper's table 3: between targets 11.24, between judges 32.49, residual 1.02; F is 11.03.
    value = (11.24 - 1.02) / (11.24 + 3 * 1.02 + 4 * (32.49 - 1.02) / 6)
    assert icc(JUDGES).value == pytest.approx(value, abs=1e-3)


def test_the_icc_interval_equals_mcgraw_and_wongs_table_7():
    rng = np.random.default_rng(0)
    x = rng.normal(30, 10, (20, 1)) + rng.normal([0, 3], 4, (20, 2))
    n, k = x.shape
    found = icc(x, level=0.9)
    rows, columns = k * x.mean(1).var(ddof=1), n * x.mean(0).var(ddof=1)
    total = x.var() * n * k
    error = (total - rows * (n - 1) - columns * (k - 1)) / ((n - 1) * (k - 1))
    r = found.value
    a, b = k * r / (n * (1 - r)), 1 + k * r * (n - 1) / (n * (1 - r))
    v = (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    f = stats.f.isf(0.05, n - 1, v)
    low = n * (rows - f * error) / (f * (k * columns + (k * n - k - n) * error) + n * rows)
    f = stats.f.isf(0.05, v, n - 1)
    high = n * (f * rows - error) / (k * columns + (k * n - k - n) * error + n * f * rows)
    assert found[1:] == pytest.approx([low, high])
    assert found.low < r < found.high


def test_a_constant_shift_lowers_the_icc_though_the_correlation_is_one():
    # McGraw & Wong 1996: (2, 4), (4, 6), (6, 8) agree to 0.67 absolutely.
    assert icc([[2, 4], [4, 6], [6, 8]]).value == pytest.approx(2 / 3)
    # Readings that go opposite ways fall below 0.
    assert icc([[1, 3], [2, 2.1], [3, 1.2]]).value < 0


def test_two_dermatologists_have_the_published_weighted_kappa():
    # As PROC FREQ prints: 0.5082, error 0.0655, 0.3798 to 0.6366.
    assert weighted_kappa(SKIN, "linear") == pytest.approx((0.5082, 0.3798, 0.6366), abs=6e-5)
    # The example in the library's own tests, also from SAS.
    small = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    assert weighted_kappa(small, "linear") == pytest.approx((0.4701, 0.1845, 0.7558), abs=6e-5)


def test_weighted_kappa_by_hand():
    # Ratings apart by 0, 1, 2, 3 classes: 45, 36, 7 and 0 of 88.
    apart = np.abs(np.subtract.outer(range(4), range(4)))
    assert [SKIN[apart == k].sum() for k in range(4)] == [45, 36, 7, 0]
    # Margins 15 29 23 21 and 17 20 31 20: disagreement by chance, times 88.
    chance = [
        15 * (20 + 2 * 31 + 3 * 20) + 29 * (17 + 31 + 2 * 20) + 23 * (2 * 17 + 20 + 20) + 21 * (3 * 17 + 2 * 20 + 31),
        15 * (20 + 4 * 31 + 9 * 20) + 29 * (17 + 31 + 4 * 20) + 23 * (4 * 17 + 20 + 20) + 21 * (9 * 17 + 4 * 20 + 31),
    ]
    assert weighted_kappa(SKIN, "linear").value == pytest.approx(1 - 88 * (36 + 14) / chance[0])
    assert weighted_kappa(SKIN) == weighted_kappa(SKIN, "quadratic")
    assert weighted_kappa(SKIN, "quadratic").value == pytest.approx(1 - 88 * (36 + 28) / chance[1])


@pytest.mark.parametrize(("weights", "power"), [("linear", 1), ("quadratic", 2)])
def test_the_error_of_kappa_is_the_formula_of_1969(weights, power):
    p = SKIN / 88
    row, column = p.sum(1), p.sum(0)
    w = 1 - (np.abs(np.subtract.outer(range(4), range(4))) / 3) ** power
    observed, chance = (w * p).sum(), row @ w @ column
    spread = w * (1 - chance) - np.add.outer(w @ column, row @ w) * (1 - observed)
    variance = (p * spread**2).sum() - (observed * chance - 2 * chance + observed) ** 2
    error = np.sqrt(variance / (88 * (1 - chance) ** 4))
    found = weighted_kappa(SKIN, weights)
    assert found.high - found.value == pytest.approx(1.959964 * error, rel=1e-6)
    assert found.value - found.low == pytest.approx(1.959964 * error, rel=1e-6)


def test_the_librarys_kappa_gives_the_example_of_1969():
    # Fleiss, Cohen & Everitt 1969: 200 patients, three diagnoses; agreement weights of 4/9 and 2/3 beside 0 and 1.
    table = 200 * np.array([[0.53, 0.05, 0.02], [0.11, 0.14, 0.05], [0.01, 0.06, 0.03]])
    apart = 1 - np.array([[1, 0, 4 / 9], [0, 1, 2 / 3], [4 / 9, 2 / 3, 1]])
    plain, weighted = cohens_kappa(table), cohens_kappa(table, weights=apart)
    assert [plain.kappa, weighted.kappa] == pytest.approx([0.429, 0.507], abs=5e-4)
    assert [plain.var_kappa, weighted.var_kappa] == pytest.approx([0.002885, 0.003248], abs=1e-6)


def test_classes_are_counted_reference_in_rows():
    order = ("mild", "moderate", "severe")
    table = confusion(["mild", "mild", "severe"], ["mild", "moderate", "severe"], order)
    assert table.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    table = severity_confusion([5, 12, 30, 50, 40], [9, 26, 30, 39, 40.5])
    assert table.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 0]]
    assert severity_confusion([5, 12], [5, 12], bounds=(20, 30, 45)).tolist()[0] == [2, 0, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(bad):
    for call in (bland_altman, severity_confusion, lambda a, b: icc(np.transpose([a, b]))):
        with pytest.raises(ValueError, match="finite"):
            call([1.0, 2.0, bad], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="whole numbers"):
        weighted_kappa([[1, bad], [0, 1]])


def test_what_does_not_fit_is_refused():
    for call in (bland_altman, severity_confusion):
        with pytest.raises(ValueError, match=r"\[films\]"):
            call([1, 2, 3], [1, 2])
        with pytest.raises(ValueError, match="one per film"):
            call([1, 2, 3], [1, 2, 3], ["a", "b"])
        with pytest.raises(ValueError, match="needs its patient"):
            call([1, 2, 3], [1, 2, 3], ["a", None, "b"])
        with pytest.raises(ValueError, match="needs its patient"):
            call([1, 2, 3], [1, 2, 3], ["a", np.nan, "b"])
        with pytest.raises(ValueError, match="a film at least"):
            call([], [])
    with pytest.raises(ValueError, match="unknown method"):
        bland_altman([1, 2], [1, 2], method="bootstrap")
    with pytest.raises(ValueError, match="between 0 and 1"):
        bland_altman([1, 2], [1, 2], coverage=95)
    with pytest.raises(ValueError, match="two raters"):
        icc([[1], [2], [3]])
    with pytest.raises(ValueError, match="unknown not among"):
        confusion(["unknown"], ["mild"], ("mild", "severe"))
    with pytest.raises(ValueError, match="pairs"):
        confusion(["mild"], [], ("mild", "severe"))


@pytest.mark.parametrize(
    "table", [[[1, 2, 3], [1, 2, 3]], [[4]], [[0, 0], [0, 0]], [[1, -1], [0, 1]], [[0.5, 1], [1, 1]]]
)
def test_a_table_that_holds_no_counts_is_refused(table):
    with pytest.raises(ValueError, match="counts must"):
        weighted_kappa(table)
    with pytest.raises(ValueError, match="unknown weights"):
        weighted_kappa(SKIN, "cubic")
