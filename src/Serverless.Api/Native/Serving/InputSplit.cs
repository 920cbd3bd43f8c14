using System.Text.Json;
using Serverless.Core;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>pandas' `split`: the column names once, then one list of values per row.</summary>
internal static class InputSplit
{
    public static ServingInput Read(ref Utf8JsonReader json, IServedModel model)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw InvocationErrors.Input($"Dataframe split format must be a dictionary. Got {InvocationJson.TypeName(json.TokenType)}.");
        }

        var columns = default(Utf8JsonReader);
        var data = default(Utf8JsonReader);
        var keys = new List<string>();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            keys.Add(key);
            json.Read();
            if (key == "columns")
            {
                columns = json;
            }
            else if (key == "data")
            {
                data = json;
            }

            json.Skip();
        }

        if (!keys.Contains("data") || keys.Except(["columns", "data", "index"]).Any())
        {
            throw InvocationErrors.Input(
                $"Dataframe split format must have 'data' field and optionally 'columns' and 'index' fields. Got "
                    + $"{{{string.Join(", ", keys.Select(k => $"'{k}'"))}}}.'"
            );
        }

        var found = new InputColumns(model);
        var isNamed = columns.TokenType == JsonTokenType.StartArray;
        while (isNamed && columns.Read() && columns.TokenType != JsonTokenType.EndArray)
        {
            found.Add(
                columns.TokenType == JsonTokenType.String ? columns.GetString()! : System.Text.Encoding.UTF8.GetString(columns.ValueSpan)
            );
        }

        var rows = ReadRows(ref data, found, isNamed);
        return ServingInput.Table(rows, found.Build(), isNamed);
    }

    private static int ReadRows(ref Utf8JsonReader data, InputColumns columns, bool isNamed)
    {
        if (data.TokenType != JsonTokenType.StartArray)
        {
            throw Invalid($"data must be a list of rows, not {InvocationJson.TypeName(data.TokenType)}");
        }

        var rows = 0;
        while (data.Read() && data.TokenType != JsonTokenType.EndArray)
        {
            if (data.TokenType != JsonTokenType.StartArray)
            {
                throw Invalid($"row {rows} is not a list");
            }

            var count = 0;
            while (data.Read() && data.TokenType != JsonTokenType.EndArray)
            {
                if (count == columns.Count)
                {
                    if (isNamed || rows > 0)
                    {
                        throw Invalid($"{columns.Count} columns passed, passed data had more in row {rows}");
                    }

                    columns.Add(InputColumns.NameOf(count));
                }

                columns[count++].Append(ref data);
            }

            if (count < columns.Count)
            {
                throw Invalid($"{columns.Count} columns passed, passed data had {count} columns in row {rows}");
            }

            rows++;
        }

        return rows;
    }

    private static ServerlessException Invalid(string why) =>
        InvocationErrors.Input($"Provided dataframe_split field is not a valid dataframe representation in 'split' format. Error: '{why}'");
}
