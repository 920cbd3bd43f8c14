using System.Text.Json;
using Serverless.Dvc.Reading;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;

namespace Serverless.Training.Tests.Support;

/// <summary>samples/churn, read by the reader of pipeline files and run one stage after the other, without an engine.</summary>
internal sealed class ChurnRun
{
    private readonly Bench bench;

    public ChurnRun(Bench bench)
    {
        this.bench = bench;
        foreach (var file in new[] { "dvc.yaml", "params.yaml", "schema.yaml", "data/telco-churn.csv" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(bench.PathOf(file))!);
            File.Copy(Path.Combine(Samples.Churn, file), bench.PathOf(file));
        }

        Tasks = Read();
    }

    public IReadOnlyList<TaskSpec> Tasks { get; private set; }

    public Dictionary<string, ComponentOutputs> Outputs { get; } = [];

    /// <summary>Reads the file anew, after params.yaml was changed.</summary>
    public void Reload() => Tasks = Read();

    public async Task RunAsync()
    {
        foreach (var task in Tasks)
        {
            Outputs[task.Name] = await bench.RunAsync(UsesOf(task), With(task));
        }
    }

    public Task<bool> StillHoldsAsync(string name)
    {
        var task = Tasks.Single(t => t.Name == name);
        return bench.StillHoldsAsync(UsesOf(task), With(task), Outputs[name]);
    }

    public static Dictionary<string, JsonElement> With(TaskSpec task) =>
        task.Parameters.ToDictionary(p => p.Key, p => ((ParameterBinding.Constant)p.Value).Value);

    private static string UsesOf(TaskSpec task) => ((ComponentSpec.InProcess)task.Component).Uses;

    private IReadOnlyList<TaskSpec> Read() => DvcYaml.Read(bench.Folder, Bench.Catalog).Spec.Graph.Tasks;
}
