"""Tells what each feature of a route's arrivals adds to the model: trains it without that feature, and without any.

usage: python ablate.py FOLDER

FOLDER is that of train.py, and so are the parameters; one row in three of each part is taken. It writes
FOLDER/ablation.json: what was left out, with the AUC and the log loss that the other features reach on the evaluation part.
"""

import json
import sys
from pathlib import Path

import numpy

from train import read_part, train

EVERY = 3
LEFT_OUT = {
    "how often the route is flown": ["landed.flights_lifetime"],
    "late shares of the route and of the way back": ["route_late", "reverse_late"],
    "last three delays of the route": [f"landed.delays_lifetime.{place}" for place in range(3)],
    "last three delays of the way back": [f"reverse.delays_lifetime.{place}" for place in range(3)],
}


def quality(scores: numpy.ndarray, labels: numpy.ndarray) -> dict[str, float]:
    _, tie, ties = numpy.unique(scores, return_inverse=True, return_counts=True)
    last = numpy.cumsum(ties)
    ranks = (last - (ties - 1) / 2)[tie]
    positives = int(labels.sum())
    auc = (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))
    losses = numpy.where(labels == 1, -numpy.log(scores), -numpy.log1p(-scores))
    return {"auc": float(auc), "logLoss": float(losses.mean())}


def main(folder: Path) -> None:
    names = json.loads((folder / "matrix.json").read_text())["columns"]
    parts = {}
    for part in ("train", "validation", "evaluation"):
        features, labels = read_part(folder, part, len(names))
        parts[part] = features[::EVERY], labels[::EVERY]
    all_of_them = [name for group in LEFT_OUT.values() for name in group]
    result = {}
    for title, left_out in {**LEFT_OUT, "all of these": all_of_them, "nothing": []}.items():
        columns = [index for index, name in enumerate(names) if name not in left_out]
        booster = train("model", columns, parts["train"], parts["validation"])
        scores = booster.predict(parts["evaluation"][0][:, columns], num_iteration=booster.best_iteration)
        result[title] = quality(scores, parts["evaluation"][1])
        print(f"without {title}: {result[title]}", flush=True)
    (folder / "ablation.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python ablate.py FOLDER")
    main(Path(sys.argv[1]))
