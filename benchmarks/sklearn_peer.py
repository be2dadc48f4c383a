"""scikit-learn's side of `npm run bench -- --against sklearn`.

Reads a case and its arrays from a folder and writes times and accuracy there, measured by the same rules as ours:
0.2 s of unmeasured runs, one at least, then repeats until 1.5 s are spent, at least 3 and at most 25; minimum, median, spread.
"""

import gc
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import gaussian_kde
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KernelDensity

WARM_UP, BUDGET, LEAST_REPEATS, MOST_REPEATS = 1.0, 1.5, 3, 25
TYPES = {"full": "full", "tied": "tied", "diagonal": "diag", "spherical": "spherical"}


def summary(times):
    low, median, high = 1e3 * np.quantile(times, [0.25, 0.5, 0.75])
    return {
        "minimum": 1e3 * min(times),
        "median": median,
        "spread": (high - low) / 2 / median,
        "repeats": len(times),
    }


def clock(work):
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def timed(work):
    began = time.perf_counter()
    work()
    while time.perf_counter() - began < WARM_UP:
        work()
    times = []
    while len(times) < LEAST_REPEATS or (sum(times) < BUDGET and len(times) < MOST_REPEATS):
        times.append(clock(work))
    return summary(times)


def timed_pair(short, long, steps):
    """Times of both in turns, and of each of the steps that the longer takes more: the difference of neighbours."""
    began = time.perf_counter()
    while True:
        short()
        long()
        if time.perf_counter() - began >= WARM_UP:
            break
    pairs = []
    while len(pairs) < LEAST_REPEATS or (np.sum(pairs) < 2 * BUDGET and len(pairs) < MOST_REPEATS):
        pairs.append((clock(short), clock(long)))
    shorts, longs = np.array(pairs).T
    step = summary((longs - shorts) / steps)
    step["minimum"] = 1e3 * (longs.min() - shorts.min()) / steps
    return {"short": summary(shorts), "long": summary(longs), "iteration": step}


def direct_sums(rows, h, queries):
    d = rows.shape[1]
    out = []
    for query in queries:
        terms = -0.5 * (((query - rows) / h) ** 2).sum(axis=1)
        largest = terms.max()
        out.append(largest + np.log(np.exp(terms - largest).sum()))
    return np.array(out) - np.log(len(rows)) - d * np.log(h) - 0.5 * d * np.log(2 * np.pi)


def kde(p, read):
    rows, queries, checked = (read(name, p["columns"]) for name in ("rows", "queries", "checked"))

    def fit(rtol):
        return KernelDensity(bandwidth=p["bandwidth"], rtol=rtol, atol=0).fit(rows)

    def of_all(timing, queried):
        factor = len(queries) / queried
        return {**timing, "minimum": factor * timing["minimum"], "median": factor * timing["median"]}

    times = {"build": timed(lambda: fit(1e-8).score_samples(queries[:1]))}
    values = {}
    exact = direct_sums(rows, p["bandwidth"], checked)
    few = queries[: int(p["peerQueries"])]
    for name in ("coarse", "fine"):
        model = fit(p[name])
        times[name] = of_all(timed(lambda: model.score_samples(few)), len(few))
        values[name + "Error"] = float(np.abs(model.score_samples(checked) - exact).max())
    # Scaled by the data's covariance, which is all but 1: the same work.
    scipy = gaussian_kde(rows.T, bw_method=p["bandwidth"])
    few_columns = queries[: int(p["scipyQueries"])].T
    times["scipy"] = of_all(timed(lambda: scipy(few_columns)), few_columns.shape[1])
    return {"times": times, "values": values}


def kde_bandwidth(p, read):
    rows = read("rows", p["columns"])
    grid = {"bandwidth": p["scott"] * np.geomspace(0.5, 2, p["grid"])}

    def search():
        return GridSearchCV(KernelDensity(rtol=p["tolerance"], atol=0), grid, cv=p["folds"], n_jobs=1).fit(rows)

    started = time.perf_counter()
    found = search()
    elapsed = 1e3 * (time.perf_counter() - started)
    once = {"minimum": elapsed, "median": elapsed, "spread": 0, "repeats": 1}
    return {"times": {"search": once}, "values": {"bandwidth": float(found.best_params_["bandwidth"])}}


def precisions(p):
    k, d = p["components"], p["columns"]
    return {
        "full": np.tile(np.eye(d), (k, 1, 1)),
        "tied": np.eye(d),
        "diagonal": np.ones((k, d)),
        "spherical": np.ones(k),
    }[p["covariance"]]


def gmm(p, read):
    rows, means = (read(name, p["columns"]) for name in ("rows", "means"))
    k = p["components"]

    def fit(iterations):
        return GaussianMixture(
            k,
            covariance_type=TYPES[p["covariance"]],
            tol=0,
            reg_covar=0,
            max_iter=iterations,
            # The cheapest initialisation: all of its results are replaced by those given.
            init_params="random_from_data",
            weights_init=np.full(k, 1 / k),
            means_init=means,
            precisions_init=precisions(p),
            random_state=0,
        ).fit(rows)

    times = timed_pair(lambda: fit(p["short"]), lambda: fit(p["long"]), p["long"] - p["short"])
    model = fit(p["long"])
    return {"times": times, "values": {"meanLogDensity": model.score(rows), "iterations": model.n_iter_}}


def gmm_fits(p, read):
    rows = read("rows", p["columns"])
    reached = []

    def fits():
        reached.clear()
        for seed in range(p["seeds"]):
            model = GaussianMixture(p["components"], covariance_type=TYPES[p["covariance"]], random_state=seed)
            reached.append(model.fit(rows).score(rows))

    times = {"fit": timed(fits)}
    values = {"worst": min(reached), "mean": float(np.mean(reached)), "best": max(reached)}
    return {"times": times, "values": values}


def main(folder):
    case = json.loads((folder / "case.json").read_text())

    def read(name, columns):
        return np.fromfile(folder / f"{name}.f64").reshape(-1, columns)

    warnings.simplefilter("ignore")
    result = {"kde": kde, "kde-bandwidth": kde_bandwidth, "gmm": gmm, "gmm-fits": gmm_fits}[case["suite"]](case["parameters"], read)
    (folder / "result.json").write_text(json.dumps(result))


main(Path(sys.argv[1]))
