using System.Text.Json;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>pandas' `records`: one object per row. Columns that a row does not name are missing values.</summary>
internal static class InputRecords
{
    public static ServingInput Read(ref Utf8JsonReader json, IServedModel model, bool isFrame)
    {
        var columns = new InputColumns(model);
        var rows = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw InvocationErrors.Input(
                    $"Provided dataframe_records field is not a valid dataframe representation in 'records' format. Error: 'row {rows} "
                        + $"is not an object'"
                );
            }

            columns.Rewind();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var column = columns.Of(ref json);
                json.Read();
                if (column.Rows > rows)
                {
                    throw InvocationErrors.Input($"Row {rows} has the key '{column.Name}' twice.");
                }

                if (column.Rows < rows)
                {
                    column.FillTo(rows);
                }

                column.Append(ref json);
            }

            rows++;
        }

        columns.FillTo(rows);
        var built = columns.Build();
        return isFrame || built.All(c => c.ItemShape.Count == 0)
            ? ServingInput.Table(rows, built, isNamed: true)
            : ServingInput.Arrays(rows, built, isNamed: true);
    }
}
