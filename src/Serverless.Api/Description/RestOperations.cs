using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Http;

namespace Serverless.Api.Description;

/// <summary>An endpoint of MLflow's REST API as an operation: its fields, in the query of a GET, else in the body.</summary>
internal static class RestOperations
{
    public static JsonObject Of(RestEndpoint endpoint, string method, string path)
    {
        var inPath = endpoint.Schema.Where(f => path.Contains("{" + f.Name + "}", StringComparison.Ordinal)).ToList();
        var others = endpoint.Schema.Except(inPath).ToList();
        var parameters = new JsonArray([
            .. Placeholders(path).Select(name => Parameter(name, "path", true, new JsonObject { ["type"] = "string" })),
        ]);
        var operation = new JsonObject
        {
            // The same path of another version of MLflow's API is an operation of its own.
            ["operationId"] = IdOf(method, path.Contains("/3.0/", StringComparison.Ordinal) ? "v3/" + endpoint.Path : endpoint.Path),
            ["tags"] = new JsonArray(Tags.Mlflow),
            ["summary"] = $"MLflow: {endpoint.Path}",
            ["description"] = "Part of MLflow's REST API. Errors, limits and messages are those of MLflow's server.",
        };
        if (HttpMethods.IsGet(method))
        {
            foreach (var field in others)
            {
                parameters.Add(Parameter(field.Name, "query", field.IsRequired, SchemaOf(field)));
            }
        }
        else
        {
            operation["requestBody"] = Body(others);
        }

        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        operation["responses"] = new JsonObject
        {
            ["200"] = new JsonObject
            {
                ["description"] = "The message that MLflow's REST API documents for this endpoint.",
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "object" } },
                },
            },
            ["default"] = new JsonObject { ["$ref"] = RouteOperations.ErrorResponse },
        };
        return operation;
    }

    private static JsonObject Body(List<RestField> fields)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)SchemaOf(f)))),
        };
        var required = fields.Where(f => f.IsRequired).Select(f => (JsonNode)f.Name).ToArray();
        if (required.Length > 0)
        {
            schema["required"] = new JsonArray(required);
        }

        return new JsonObject
        {
            ["required"] = required.Length > 0,
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
        };
    }

    private static JsonObject Parameter(string name, string place, bool isRequired, JsonObject schema) =>
        new()
        {
            ["name"] = name,
            ["in"] = place,
            ["required"] = isRequired,
            ["schema"] = schema,
        };

    private static JsonObject SchemaOf(RestField field)
    {
        var schema = field.Type switch
        {
            RestType.Text => new JsonObject { ["type"] = "string" },
            RestType.Int64 => new JsonObject { ["type"] = new JsonArray("integer", "string"), ["format"] = "int64" },
            RestType.Double => new JsonObject { ["type"] = new JsonArray("number", "string"), ["format"] = "double" },
            RestType.Bool => new JsonObject { ["type"] = "boolean" },
            RestType.TextList => new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
            _ => new JsonObject { ["type"] = "array", ["items"] = new JsonObject() },
        };
        if (field.Max is { } most)
        {
            schema["maximum"] = most;
        }

        if (field.OtherName is { } other)
        {
            schema["description"] = $"Also taken as `{other}`.";
        }

        return schema;
    }

    private static IEnumerable<string> Placeholders(string path) =>
        path.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}'));

    /// <summary>`GET runs/get-metrics` is `mlflowGetRunsGetMetrics`.</summary>
    private static string IdOf(string method, string path) =>
        "mlflow"
        + string.Concat(
            path.Split('/', '-', '_', '{', '}', '*')
                .Prepend(method.ToLowerInvariant())
                .Where(w => w.Length > 0)
                .Select(w => char.ToUpperInvariant(w[0]) + w[1..])
        );
}
