using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.Api.Description;

/// <summary>
/// The schemas of bodies, each type once and by its name. They come from the serializer's own contract, so names, enums and what may be
/// missing are those that are written and read.
/// </summary>
internal sealed class SchemaBook
{
    public const string Place = "#/components/schemas/";

    public JsonObject Schemas { get; } = [];

    /// <param name="isRequest">A request may leave out whatever has a default; an answer has everything that is not null.</param>
    public JsonNode Of(Type type, JsonSerializerOptions options, bool isRequest)
    {
        options.MakeReadOnly(populateMissingResolver: true);
        return options.GetJsonSchemaAsNode(
            type,
            new JsonSchemaExporterOptions
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = (context, schema) => Transform(context, schema, options, isRequest),
            }
        );
    }

    /// <summary>Called for the parts before the whole: what they hold is named already.</summary>
    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema, JsonSerializerOptions options, bool isRequest)
    {
        if (schema is not JsonObject node)
        {
            return Loose(context.TypeInfo.Type);
        }

        if (node.ContainsKey("$ref"))
        {
            return Again(context.TypeInfo);
        }

        PlainNumbers(node);
        if (node["enum"] is JsonArray values && values.All(v => v?.GetValueKind() == JsonValueKind.String))
        {
            node["type"] = "string";
        }

        return context.TypeInfo.Kind == JsonTypeInfoKind.Object ? Named(context.TypeInfo, node, options, isRequest) : node;
    }

    /// <summary>What a converter reads is any JSON to the serializer; policies write shares as `5%` and times as `10m`.</summary>
    private static JsonObject Loose(Type type) =>
        type == typeof(double) ? new JsonObject { ["type"] = new JsonArray("number", "string"), ["description"] = "A share: 0.05 or `5%`." }
        : type == typeof(TimeSpan) ? new JsonObject { ["type"] = "string", ["description"] = "A time: `30s`, `10m`, `6h` or `7d`." }
        : [];

    /// <summary>Numbers that may also come as texts are numbers to whoever writes a client.</summary>
    private static void PlainNumbers(JsonObject node)
    {
        if (node["type"] is not JsonArray types || !types.Any(t => (string?)t is "integer" or "number"))
        {
            return;
        }

        node.Remove("pattern");
        var kept = types.Select(t => (string)t!).Where(t => t != "string").ToList();
        node["type"] = kept is [var one] ? one : new JsonArray([.. kept.Select(t => (JsonNode)t)]);
    }

    /// <summary>A type that holds itself: it is named already, though its schema is not complete yet.</summary>
    private static JsonObject Again(JsonTypeInfo type) =>
        type.Kind == JsonTypeInfoKind.Enumerable
            ? new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["$ref"] = Place + type.ElementType!.Name },
            }
            : new JsonObject { ["$ref"] = Place + type.Type.Name };

    private JsonObject Named(JsonTypeInfo type, JsonObject node, JsonSerializerOptions options, bool isRequest)
    {
        var mayBeNull = DropNull(node);
        node["type"] = "object";
        if (node["properties"] is JsonObject properties && !isRequest)
        {
            Require(type, node, properties, options);
        }

        var reference = new JsonObject { ["$ref"] = Place + NameOf(type.Type, node, isRequest) };
        return mayBeNull ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) } : reference;
    }

    /// <summary>What an answer always has; where nulls are left out, nothing else is ever null.</summary>
    private static void Require(JsonTypeInfo type, JsonObject node, JsonObject properties, JsonSerializerOptions options)
    {
        var leavesOutNulls = options.DefaultIgnoreCondition == JsonIgnoreCondition.WhenWritingNull;
        var required = new JsonArray();
        foreach (var property in type.Properties)
        {
            if (properties[property.Name] is not { } schema)
            {
                continue;
            }

            var ignore = property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), true) is [JsonIgnoreAttribute own, ..]
                ? own.Condition
                : JsonIgnoreCondition.Never;
            var mayBeNull = schema is JsonObject shown && leavesOutNulls && (DropNull(shown) || property.IsGetNullable);
            if (!mayBeNull && ignore == JsonIgnoreCondition.Never)
            {
                required.Add(property.Name);
            }
        }

        node.Remove("required");
        if (required.Count > 0)
        {
            node["required"] = required;
        }
    }

    /// <returns>True if the value might have been null.</returns>
    private static bool DropNull(JsonObject node)
    {
        if (node["type"] is JsonArray types && types.Any(t => (string?)t == "null"))
        {
            var kept = types.Select(t => (string)t!).Where(t => t != "null").ToList();
            node["type"] = kept is [var one] ? one : new JsonArray([.. kept.Select(t => (JsonNode)t)]);
            return true;
        }

        if (node["enum"] is JsonArray values && values.Remove(null))
        {
            node["type"] = "string";
            return true;
        }

        if (node["anyOf"] is JsonArray { Count: 2 } either && either[1] is JsonObject last && (string?)last["type"] == "null")
        {
            var only = either[0]!.AsObject();
            node.Remove("anyOf");
            foreach (var (name, value) in only.ToList())
            {
                only.Remove(name);
                node[name] = value;
            }

            return true;
        }

        return false;
    }

    private string NameOf(Type type, JsonObject node, bool isRequest)
    {
        var own = type.Name.Split('`')[0];
        var room = type.Namespace!.Split('.')[^1];
        foreach (var name in (string[])[own, isRequest ? own + "Input" : own + "Output", room + own])
        {
            if (!Schemas.TryGetPropertyValue(name, out var known))
            {
                Schemas[name] = node.DeepClone();
                return name;
            }

            if (JsonNode.DeepEquals(known, node))
            {
                return name;
            }
        }

        throw new InvalidOperationException($"Three types are called {own}.");
    }
}
