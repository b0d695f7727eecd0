"""Runs one job with the Python peers on the data of bench/ml/run.mjs and prints its figures as JSON.

Wall and CPU seconds are of the work alone: the data is in memory before and the libraries are imported.
"""
import json
import os
import sys
import time


def matrix(path, features):
    import numpy

    return numpy.ascontiguousarray(numpy.fromfile(path, dtype="<f8").reshape(features, -1).T)


class Clock:
    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), sum(os.times()[:2])
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.wall, sum(os.times()[:2]) - self.cpu


def train(job):
    import numpy
    import xgboost
    from sklearn.metrics import roc_auc_score

    data, test = matrix(job["data"], job["features"]), matrix(job["test"], job["features"])
    labels, truth = numpy.fromfile(job["labels"], dtype="<f8"), numpy.fromfile(job["test_labels"], dtype="<f8")
    settings = dict(
        objective="binary:logistic", tree_method="hist", max_depth=4, eta=0.1, nthread=job["threads"], max_bin=256
    )
    with Clock() as clock:
        model = xgboost.train(settings, xgboost.DMatrix(data, labels, nthread=job["threads"]), job["trees"])
    auc = roc_auc_score(truth, model.predict(xgboost.DMatrix(test)))
    return dict(wall=clock.wall, cpu=clock.cpu, auc=auc)


def score(job):
    import numpy
    import xgboost

    data, labels = matrix(job["data"], job["features"]), numpy.fromfile(job["labels"], dtype="<f8")
    settings = dict(objective="binary:logistic", tree_method="hist", max_depth=4, eta=0.1, nthread=job["threads"])
    model = xgboost.train(settings, xgboost.DMatrix(data, labels), job["trees"])
    rows = numpy.random.default_rng(1).random((job["rows"], job["features"])) * 2 - 1
    with Clock() as clock:
        model.inplace_predict(rows)
    return dict(wall=clock.wall, cpu=clock.cpu)


def kmeans(job):
    from sklearn.cluster import KMeans

    data = matrix(job["data"], job["features"])
    with Clock() as clock:
        model = KMeans(n_clusters=job["k"], n_init=job["starts"], random_state=1).fit(data)
    return dict(wall=clock.wall, cpu=clock.cpu, inertia=model.inertia_)


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    print(json.dumps(dict(train=train, score=score, kmeans=kmeans)[job["kind"]](job)))
