using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Training.Tests.Support;

internal static class Yaml
{
    public static JsonNode? ToJson(string text) => ToJson(YamlReader.Parse(text, "test.yaml"));

    private static JsonNode? ToJson(DataNode node) =>
        node switch
        {
            DataMap map => new JsonObject(
                map.Entries.Select(e => KeyValuePair.Create(Convert.ToString(e.Key.Value, CultureInfo.InvariantCulture)!, ToJson(e.Value)))
            ),
            DataList list => new JsonArray([.. list.Items.Select(ToJson)]),
            DataScalar { Value: BigInteger whole } => (long)whole,
            DataScalar { Value: double number } => number,
            DataScalar { Value: bool truth } => truth,
            DataScalar { Value: null } => null,
            DataScalar scalar => Convert.ToString(scalar.Value, CultureInfo.InvariantCulture),
            _ => throw new NotSupportedException(),
        };
}
