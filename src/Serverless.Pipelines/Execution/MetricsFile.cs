using System.Numerics;
using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;

namespace Serverless.Pipelines.Execution;

/// <summary>Reads the numbers of a metrics file (JSON, YAML, TOML). Nested keys become `a.b`.</summary>
internal static class MetricsFile
{
    private const string Fix = "Write an object of numbers as JSON, YAML or TOML.";

    public static async Task ReadAsync(string path, string name, Dictionary<string, double> metrics, CancellationToken cancellationToken)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        if (bytes.AsSpan().Contains((byte)0))
        {
            throw ServerlessException.Invalid($"binary file '{name}' cannot be used as metrics.", Fix);
        }

        // Tables of numbers (CSV) are for plots.
        if (Path.GetExtension(name).ToLowerInvariant() is ".json" or ".yaml" or ".yml" or ".toml")
        {
            Collect(ParamsFile.Read(path, name), "", metrics);
        }
    }

    private static void Collect(DataNode node, string prefix, Dictionary<string, double> metrics)
    {
        switch (node)
        {
            case DataMap map:
                foreach (var (key, value) in map.Entries)
                {
                    var name = PythonText.Str(key);
                    Collect(value, prefix.Length == 0 ? name : $"{prefix}.{name}", metrics);
                }

                break;
            case DataScalar { Value: double number } when prefix.Length > 0:
                metrics[prefix] = number;
                break;
            case DataScalar { Value: BigInteger whole } when prefix.Length > 0:
                metrics[prefix] = (double)whole;
                break;
        }
    }
}
