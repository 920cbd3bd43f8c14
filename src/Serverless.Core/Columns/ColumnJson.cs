using System.Text.Json;

namespace Serverless.Core.Columns;

/// <summary>Writes column values as JSON, each with its own type.</summary>
public static class ColumnJson
{
    /// <summary>Writes one value. Throws for a number that JSON cannot represent.</summary>
    public static void WriteValue(Utf8JsonWriter json, Column column, int row)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(column);
        if (column.IsNull(row))
        {
            json.WriteNullValue();
            return;
        }

        switch (column.Type)
        {
            case ColumnType.Text:
                json.WriteStringValue(column.Texts[row]);
                break;
            case ColumnType.Integer:
                json.WriteNumberValue(column.GetInteger(row)!.Value);
                break;
            case ColumnType.Boolean:
                json.WriteBooleanValue(column.GetNumber(row) != 0);
                break;
            default:
                json.WriteNumberValue(column.GetNumber(row));
                break;
        }
    }
}
