"""Train a small classifier with PyTorch. Logs through MLflow's API and continues from its last checkpoint after a crash.

MLFLOW_TRACKING_URI sets where to log; without it, nothing is logged. Uses the GPU if there is one.
"""
import argparse
import csv
import json
import os
import pathlib

import torch
import yaml
from torch import nn


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    table = torch.tensor([[float(value) for value in row] for row in rows])
    return table[:, :-1] / 16.0, table[:, -1].long()


class Log:
    """MLflow's client, or nothing if no tracking URI is set."""

    def __init__(self, params, run_file):
        self.mlflow = None
        if os.environ.get("MLFLOW_TRACKING_URI"):
            import mlflow

            self.mlflow = mlflow
            mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", "gpu-train"))
            # Continue the run of the previous attempt, so that its metrics stay one curve.
            known = run_file.read_text().strip() if run_file.exists() else None
            run = mlflow.start_run(run_id=known)
            run_file.parent.mkdir(parents=True, exist_ok=True)
            run_file.write_text(run.info.run_id)
            if known is None:
                mlflow.log_params(params)

    def metrics(self, values, step):
        if self.mlflow:
            self.mlflow.log_metrics(values, step=step)

    def end(self, folder):
        if self.mlflow:
            self.mlflow.log_artifacts(str(folder), "model")
            self.mlflow.end_run()


def save(path, **state):
    # Never half written: after a crash the previous checkpoint is still there.
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--checkpoints", type=pathlib.Path, required=True)
    args = parser.parse_args()
    params = yaml.safe_load(open("params.yaml"))["train"]

    torch.manual_seed(params["seed"])
    device = "cuda" if torch.cuda.is_available() else "cpu"
    features, labels = (part.to(device) for part in read(args.data))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(params["seed"])).to(device)
    held_out, training = order[: len(order) // 5], order[len(order) // 5:]
    model = nn.Sequential(
        nn.Linear(features.shape[1], params["hidden"]), nn.ReLU(), nn.Linear(params["hidden"], int(labels.max()) + 1)
    ).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=params["learning_rate"])
    loss_of = nn.CrossEntropyLoss()

    # A folder that outlives the container, if one is mounted; otherwise training starts again after a crash.
    checkpoint = pathlib.Path(os.environ.get("CHECKPOINTS", args.checkpoints)) / "last.pt"
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["epoch"] + 1
        print(f"goes on at epoch {first}", flush=True)

    log = Log(params, checkpoint.with_name("run-id"))
    accuracy = 0.0
    for epoch in range(first, params["epochs"]):
        model.train()
        shuffled = training[torch.randperm(len(training), generator=torch.Generator().manual_seed(epoch)).to(device)]
        total = 0.0
        for batch in shuffled.split(params["batch_size"]):
            optimizer.zero_grad()
            loss = loss_of(model(features[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        model.eval()
        with torch.no_grad():
            accuracy = (model(features[held_out]).argmax(1) == labels[held_out]).float().mean().item()
        log.metrics({"loss": total / len(training), "accuracy": accuracy}, step=epoch)
        print(f"epoch {epoch}: loss {total / len(training):.4f}, accuracy {accuracy:.4f} on {device}", flush=True)
        save(checkpoint, epoch=epoch, model=model.state_dict(), optimizer=optimizer.state_dict(), accuracy=accuracy)

    if first >= params["epochs"]:
        accuracy = torch.load(checkpoint, map_location=device, weights_only=True)["accuracy"]
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.out / "model.pt")
    (args.out / "shape.json").write_text(json.dumps({"inputs": features.shape[1], "hidden": params["hidden"], "classes": int(labels.max()) + 1}))
    pathlib.Path("metrics.json").write_text(json.dumps({"accuracy": accuracy}))
    log.end(args.out)


if __name__ == "__main__":
    main()
