using System.Text.Json.Nodes;
using Serverless.Pipelines;

namespace Serverless.Training.Tests;

/// <summary>The stages of samples/churn, run one after the other with the parameters of its params.yaml.</summary>
internal sealed class ChurnRun(Bench bench)
{
    public static readonly string[] Trainers = ["fast-tree", "fast-forest", "light-gbm", "lbfgs-logistic"];

    public Dictionary<string, ComponentOutputs> Outputs { get; } = [];

    public Bench Bench => bench;

    public static JsonNode Params { get; } = Yaml.ToJson(File.ReadAllText(Path.Combine(Samples.Churn, "params.yaml")))!;

    public async Task TrainAsync()
    {
        Directory.CreateDirectory(bench.PathOf("data"));
        File.Copy(Path.Combine(Samples.Churn, "data/telco-churn.csv"), bench.PathOf("data/telco-churn.csv"));
        File.Copy(Path.Combine(Samples.Churn, "schema.yaml"), bench.PathOf("schema.yaml"));
        await RunAsync("validate", "data/validate", new { data = "data/telco-churn.csv", schema = "schema.yaml", report = "reports/validation.json" });
        await RunAsync("split", "data/split", new
        {
            data = "data/telco-churn.csv",
            stratify = "churn",
            seed = (long)Params["split"]!["seed"]!,
            train = "data/train.csv",
            validation = "data/validation.csv",
            test = "data/test.csv",
        });
        foreach (var trainer in Trainers)
        {
            await RunAsync("train@" + trainer, "train/" + trainer, new
            {
                data = "data/train.csv",
                label = "churn",
                parameters = Params["candidates"]![trainer],
                model = "models/" + trainer,
            });
            await RunAsync("evaluate@" + trainer, "evaluate", new
            {
                model = "models/" + trainer,
                data = "data/validation.csv",
                slices = new[] { "contract" },
                metrics = $"reports/{trainer}/metrics.json",
                predictions = $"reports/{trainer}/predictions.csv",
                report = $"reports/{trainer}/report.json",
            });
        }
    }

    public object CompareWith(string[]? candidates = null) => new
    {
        name = "churn",
        candidates = (candidates ?? Trainers).Select(t => "models/" + t),
        predictions = (candidates ?? Trainers).Select(t => $"reports/{t}/predictions.csv"),
        test = "data/test.csv",
        floors = Params["gate"]!["floors"],
        slices = new[] { "contract", "senior_citizen" },
        model = "models/winner",
        verdict = "reports/verdict.json",
        metrics = "reports/metrics.json",
    };

    public object RegisterWith { get; } = new
    {
        name = "churn",
        model = "models/winner",
        verdict = "reports/verdict.json",
        description = "Who leaves.",
        limits = new[] { "One company only." },
        card = "reports/model-card.md",
        registration = "reports/registration.json",
    };

    public object PromoteWith { get; } = new { registration = "reports/registration.json" };

    public async Task<ComponentOutputs> CompareAsync(string[]? candidates = null) => await RunAsync("compare", "compare", CompareWith(candidates));

    public async Task<ComponentOutputs> RegisterAsync() => await RunAsync("register", "register", RegisterWith);

    public async Task<ComponentOutputs> PromoteAsync() => await RunAsync("promote", "promote", PromoteWith);

    private async Task<ComponentOutputs> RunAsync(string task, string component, object with) => Outputs[task] = await bench.RunAsync(component, with);
}
