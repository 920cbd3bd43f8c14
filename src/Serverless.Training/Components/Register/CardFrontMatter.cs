using Serverless.Training.Components.Compare;
using Serverless.Training.Models;
using YamlDotNet.Serialization;

namespace Serverless.Training.Components.Register;

/// <summary>The YAML front matter of a Model Card, with the names of Hugging Face's metadata, which many tools read.</summary>
internal static class CardFrontMatter
{
    private static readonly ISerializer Yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithNewLine("\n")
        .Build();

    public static string Write(string name, ModelManifest m, ComparisonReport? report)
    {
        var task = m.Task == LearningTask.Binary ? "tabular-classification" : "tabular-regression";
        var head = new Dictionary<string, object>
        {
            ["library_name"] = "mlnet",
            ["pipeline_tag"] = task,
            ["tags"] = new[] { task, m.Trainer },
        };
        if (report is not null)
        {
            head["metrics"] = report.Metrics.Select(r => r.Name).ToArray();
            head["model-index"] = new[]
            {
                new Dictionary<string, object>
                {
                    ["name"] = name,
                    ["results"] = new[]
                    {
                        new Dictionary<string, object>
                        {
                            ["task"] = new Dictionary<string, object> { ["type"] = task },
                            ["dataset"] = new Dictionary<string, object>
                            {
                                ["name"] = report.TestData.Name,
                                ["type"] = "tabular",
                                ["revision"] = report.TestData.Digest,
                            },
                            ["metrics"] = report
                                .Metrics.Where(r => r.Value is not null)
                                .Select(r => new Dictionary<string, object>
                                {
                                    ["type"] = r.Name,
                                    ["value"] = Math.Round(r.Value!.Value, 6),
                                })
                                .ToArray(),
                        },
                    },
                },
            };
        }

        return "---\n" + Yaml.Serialize(head) + "---\n";
    }
}
