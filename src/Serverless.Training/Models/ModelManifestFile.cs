using System.Globalization;
using System.Text.Json.Nodes;
using System.Numerics;
using Serverless.Data.Values;
using YamlDotNet.Serialization;

namespace Serverless.Training.Models;

/// <summary>Reads and writes `MLmodel`: MLflow's keys, in MLflow's order, and the flavor `mlnet`.</summary>
internal static class ModelManifestFile
{
    // MLflow reads YAML 1.1, in which a plain No is false.
    private static readonly ISerializer Yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithNewLine("\n")
        .Build();

    public static string Write(ModelManifest m)
    {
        var flavor = Map(
            ("data", ModelManifest.ModelFile),
            ("label", m.Label),
            ("mlnet_version", m.MlnetVersion),
            ("negative_label", m.NegativeLabel),
            ("positive_label", m.PositiveLabel),
            ("task", m.Task.ToString().ToLowerInvariant()),
            ("threshold", m.Task == LearningTask.Binary ? m.Threshold : null),
            ("trainer", m.Trainer)
        );
        var metadata = Map(
            ("parameters", m.Parameters.Count == 0 ? null : Map([.. m.Parameters.Select(p => (p.Key, Scalar(p.Value)))])),
            ("training_data", m.TrainingData is not { } d ? null : Map(("digest", d.Digest), ("name", d.Name), ("rows", d.Rows)))
        );
        return Yaml.Serialize(
            Map(
                ("artifact_path", "model"),
                ("flavors", Map((ModelManifest.Flavor, flavor))),
                ("metadata", metadata),
                (
                    "saved_input_example_info",
                    Map(
                        ("artifact_path", ModelManifest.InputExampleFile),
                        ("pandas_orient", "split"),
                        ("serving_input_path", ModelManifest.ServingExampleFile),
                        ("type", "dataframe")
                    )
                ),
                ("signature", Map(("inputs", SignatureColumn.Write(m.Inputs)), ("outputs", SignatureColumn.Write(m.Outputs))))
            )
        );
    }

    public static ModelManifest Read(string path) =>
        MlmodelFile.Read(path, root => Read(root, MlmodelFile.Child(MlmodelFile.ReadTyped(path), "metadata")));

    private static ModelManifest Read(DataNode root, DataNode? typedMetadata)
    {
        var flavor =
            MlmodelFile.Child(MlmodelFile.Child(root, "flavors"), ModelManifest.Flavor)
            ?? throw new FormatException($"it has no flavor '{ModelManifest.Flavor}', so this host cannot run it");
        var signature = MlmodelFile.Child(root, "signature") ?? throw new FormatException("it has no signature");
        var metadata = MlmodelFile.Child(root, "metadata");
        var data = MlmodelFile.Child(metadata, "training_data");
        return new ModelManifest
        {
            Task = Enum.TryParse<LearningTask>(MlmodelFile.Text(flavor, "task"), ignoreCase: true, out var task)
                ? task
                : throw new FormatException($"the task '{MlmodelFile.Text(flavor, "task")}' is neither binary nor regression"),
            Trainer = Need(flavor, "trainer"),
            MlnetVersion = Need(flavor, "mlnet_version"),
            Label = Need(flavor, "label"),
            PositiveLabel = MlmodelFile.Text(flavor, "positive_label"),
            NegativeLabel = MlmodelFile.Text(flavor, "negative_label"),
            Threshold = MlmodelFile.Text(flavor, "threshold") is { } t ? double.Parse(t, CultureInfo.InvariantCulture) : 0.5,
            Inputs = SignatureColumn.Read(Need(signature, "inputs")),
            Outputs = SignatureColumn.Read(Need(signature, "outputs")),
            Parameters = MlmodelFile.Child(typedMetadata, "parameters") is DataMap p
                ? new JsonObject(p.TextKeys.Select(key => KeyValuePair.Create(key, Value(p[key]!))))
                : [],
            TrainingData = data is null
                ? null
                : new TrainingData(Need(data, "name"), Need(data, "digest"), int.Parse(Need(data, "rows"), CultureInfo.InvariantCulture)),
        };
    }

    private static string Need(DataNode node, string key) => MlmodelFile.Text(node, key) ?? throw new FormatException($"it has no '{key}'");

    /// <summary>A plain scalar that reads as a number or a truth value is one; anything else is text.</summary>
    private static JsonNode? Value(DataNode node) =>
        node is not DataScalar scalar ? System.Text.Json.JsonSerializer.SerializeToNode(PythonJson.ToElement(node))
        : scalar.Value switch
        {
            BigInteger whole when whole >= long.MinValue && whole <= long.MaxValue => JsonValue.Create((long)whole),
            BigInteger large => JsonValue.Create((double)large),
            double number => JsonValue.Create(number),
            bool truth => JsonValue.Create(truth),
            var other => other?.ToString(),
        };

    private static object? Scalar(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            null => null,
            System.Text.Json.JsonValueKind.String => value.GetValue<string>(),
            System.Text.Json.JsonValueKind.True => true,
            System.Text.Json.JsonValueKind.False => false,
            System.Text.Json.JsonValueKind.Number
                when long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
                whole,
            System.Text.Json.JsonValueKind.Number => value.GetValue<double>(),
            _ => value.ToJsonString(ModelJson.Compact),
        };

    /// <summary>A map without empty entries, ordered by key.</summary>
    private static SortedDictionary<string, object>? Map(params (string Key, object? Value)[] entries)
    {
        var map = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            if (value is not null)
            {
                map.Add(key, value);
            }
        }

        return map.Count == 0 ? null : map;
    }
}
