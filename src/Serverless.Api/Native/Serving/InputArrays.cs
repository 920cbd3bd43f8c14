using System.Text.Json;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>TensorFlow's `inputs` and `instances`: one array per column, or one array of rows.</summary>
internal static class InputArrays
{
    /// <summary>`{"a": [1, 2], "b": [3, 4]}`; `{"a": 1, "b": 3}` is one row.</summary>
    public static ServingInput ReadColumns(ref Utf8JsonReader json, IServedModel model)
    {
        var columns = new InputColumns(model);
        var isRow = false;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var column = columns[columns.Add(json.GetString()!)];
            json.Read();
            if (json.TokenType == JsonTokenType.StartArray)
            {
                AppendAll(ref json, column);
            }
            else
            {
                isRow = true;
                column.Append(ref json);
            }
        }

        var rows = columns.Count == 0 ? 0 : columns[0].Rows;
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Rows != rows)
            {
                throw InvocationErrors.Input("The length of values for each input/column name are not the same");
            }
        }

        return isRow || Fits(columns, model)
            ? ServingInput.Table(rows, columns.Build(), isNamed: true)
            : ServingInput.Arrays(rows, columns.Build(), isNamed: true);
    }

    /// <summary>`[1, 2]` are the values of a model's only column. `[[1, 2], [3, 4]]` are rows without names.</summary>
    public static ServingInput ReadRows(ref Utf8JsonReader json, IServedModel model)
    {
        var only = new InputColumn(
            model.Inputs.Count == 1 ? model.Inputs[0].Name : InputColumns.NameOf(0),
            model.Inputs.Count == 1 ? model.Inputs[0] : null
        );
        AppendAll(ref json, only);
        var isNamed = model.Inputs.Count == 1 && !only.IsNested;
        var column = only.Build();
        return isNamed ? ServingInput.Table(only.Rows, [column], true) : ServingInput.Arrays(only.Rows, [column], false);
    }

    /// <summary>`5`: one row of a model's only column.</summary>
    public static ServingInput ReadValue(ref Utf8JsonReader json, IServedModel model)
    {
        var only = new InputColumn(
            model.Inputs.Count == 1 ? model.Inputs[0].Name : InputColumns.NameOf(0),
            model.Inputs.Count == 1 ? model.Inputs[0] : null
        );
        only.Append(ref json);
        return ServingInput.Table(1, [only.Build()], model.Inputs.Count == 1);
    }

    /// <summary>For a model with a signature of columns, arrays of single values are a table.</summary>
    private static bool Fits(InputColumns columns, IServedModel model) =>
        model.Inputs.Count > 0 && Enumerable.Range(0, columns.Count).All(i => !columns[i].IsNested);

    private static void AppendAll(ref Utf8JsonReader json, InputColumn column)
    {
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            column.Append(ref json);
        }
    }
}
