using System.Text.Json.Nodes;

namespace Serverless.Training.Models;

/// <summary>The supported column types of an MLflow signature.</summary>
public enum SignatureType
{
    Long,
    Double,
    Boolean,
    String,
}

/// <summary>An input or output column of a model. An optional column may be missing or empty.</summary>
public sealed record SignatureColumn(string Name, SignatureType Type, bool Required = true)
{
    /// <summary>MLflow writes a schema as JSON text inside the YAML.</summary>
    internal static string Write(IEnumerable<SignatureColumn> columns) =>
        new JsonArray([
            .. columns.Select(c =>
                (JsonNode)
                    new JsonObject
                    {
                        ["type"] = c.Type.ToString().ToLowerInvariant(),
                        ["name"] = c.Name,
                        ["required"] = c.Required,
                    }
            ),
        ]).ToJsonString(ModelJson.Compact);

    public static IReadOnlyList<SignatureColumn> Read(string json)
    {
        if (JsonNode.Parse(json) is not JsonArray columns)
        {
            throw new FormatException("a signature is a JSON list of columns");
        }

        return
        [
            .. columns.Select(c => new SignatureColumn(
                (string?)c?["name"] ?? throw new FormatException("a column of the signature has no name"),
                TypeOf((string?)c?["type"]),
                (bool?)c?["required"] ?? true
            )),
        ];
    }

    private static SignatureType TypeOf(string? name) =>
        name switch
        {
            "long" or "integer" => SignatureType.Long,
            "double" or "float" => SignatureType.Double,
            "boolean" => SignatureType.Boolean,
            "string" => SignatureType.String,
            _ => throw new FormatException($"the signature's type '{name}' is none of long, integer, double, float, boolean, string"),
        };
}
