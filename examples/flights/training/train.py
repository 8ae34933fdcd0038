"""Trains the two models of the example on the matrix that train.ts has written.

usage: python train.py FOLDER

FOLDER/matrix.json   {"columns": [...], "rows": {"train": n, "validation": n, "evaluation": n},
                      "baselineColumns": [...]}
FOLDER/<part>.x.f32  the rows of a part: float32, row by row, NaN where there is no value
FOLDER/<part>.y.f32  1 where the flight was more than 15 minutes late, else 0

It writes FOLDER/model.onnx and FOLDER/baseline.onnx: one float input [N, columns] and one float output
`probability` [N, 1], and the scores of the evaluation part beside each, to check the files by.
"""

import json
import sys
from pathlib import Path

import lightgbm
import numpy

from tree_ensemble import to_onnx

PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 500,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbosity": -1,
}
MOST_TREES = {"model": 220, "baseline": 60}
PATIENCE = 20


def read_part(folder: Path, part: str, columns: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    features = numpy.fromfile(folder / f"{part}.x.f32", dtype="<f4").reshape(-1, columns)
    labels = numpy.fromfile(folder / f"{part}.y.f32", dtype="<f4")
    if len(features) != len(labels):
        raise SystemExit(f"{part}: {len(features)} rows of features, {len(labels)} labels")
    return features, labels


def train(name: str, columns: list[int], train_part, validation_part) -> lightgbm.Booster:
    training = lightgbm.Dataset(train_part[0][:, columns], train_part[1])
    validation = lightgbm.Dataset(validation_part[0][:, columns], validation_part[1], reference=training)
    return lightgbm.train(
        PARAMETERS,
        training,
        num_boost_round=MOST_TREES[name],
        valid_sets=[validation],
        callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
    )


def main(folder: Path) -> None:
    description = json.loads((folder / "matrix.json").read_text())
    names = description["columns"]
    parts = {part: read_part(folder, part, len(names)) for part in ("train", "validation", "evaluation")}
    wanted = {"model": names, "baseline": description["baselineColumns"]}
    for name, used in wanted.items():
        columns = [names.index(column) for column in used]
        booster = train(name, columns, parts["train"], parts["validation"])
        trees = booster.best_iteration
        (folder / f"{name}.onnx").write_bytes(to_onnx(booster, trees, used))
        scores = booster.predict(parts["evaluation"][0][:, columns], num_iteration=trees)
        scores.astype("<f4").tofile(folder / f"{name}.scores.f32")
        gain = sorted(zip(booster.feature_importance("gain", iteration=trees), used), reverse=True)
        print(f"{name}: {trees} trees; most gain: {', '.join(column for _, column in gain[:8])}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python train.py FOLDER")
    main(Path(sys.argv[1]))
