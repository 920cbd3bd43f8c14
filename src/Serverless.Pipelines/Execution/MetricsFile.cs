using System.Numerics;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// Reads the numbers of a metrics file (JSON, YAML, TOML), and its true, false and null values. Nested keys become `a.b`.
/// </summary>
internal static class MetricsFile
{
    private const int MostFlags = 200;
    private const string Fix = "Write an object of numbers as JSON, YAML or TOML.";

    /// <param name="path">Where the file is.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="metrics">Takes the numbers.</param>
    /// <param name="flags">Takes what conditions may ask for besides: true, false and null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task ReadAsync(
        string path,
        string name,
        Dictionary<string, double> metrics,
        JsonObject flags,
        CancellationToken cancellationToken
    )
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        if (bytes.AsSpan().Contains((byte)0))
        {
            throw ServerlessException.Invalid($"binary file '{name}' cannot be used as metrics.", Fix);
        }

        // Tables of numbers (CSV) are for plots.
        if (Path.GetExtension(name).ToLowerInvariant() is ".json" or ".yaml" or ".yml" or ".toml")
        {
            Collect(ParamsFile.Read(path, name), "", metrics, flags);
        }
    }

    private static void Collect(DataNode node, string prefix, Dictionary<string, double> metrics, JsonObject flags)
    {
        switch (node)
        {
            case DataMap map:
                foreach (var (key, value) in map.Entries)
                {
                    var name = PythonText.Str(key);
                    Collect(value, prefix.Length == 0 ? name : $"{prefix}.{name}", metrics, flags);
                }

                break;
            case DataScalar { Value: double number } when prefix.Length > 0:
                metrics[prefix] = number;
                break;
            case DataScalar { Value: BigInteger whole } when prefix.Length > 0:
                metrics[prefix] = (double)whole;
                break;
            case DataScalar { Value: bool truth } when prefix.Length > 0 && flags.Count < MostFlags:
                flags[prefix] = truth;
                break;
            case DataScalar { IsNull: true } when prefix.Length > 0 && flags.Count < MostFlags:
                flags[prefix] = null;
                break;
        }
    }
}
