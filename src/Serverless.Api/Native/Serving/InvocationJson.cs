using System.Text.Json;
using Serverless.Core;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>
/// Reads the JSON bodies of MLflow's scoring protocol: `dataframe_split`, `dataframe_records`, `instances`, `inputs`, and `params`.
/// </summary>
internal static class InvocationJson
{
    public static ServingInput Read(ReadOnlyMemory<byte> body, IServedModel model)
    {
        try
        {
            return ReadChecked(PythonNumbers.ToJson(body).Span, model);
        }
        catch (JsonException e)
        {
            throw InvocationErrors.NotJson(e.Message.Split(". Path:", 2)[0]);
        }
        catch (InvalidOperationException)
        {
            throw InvocationErrors.NotJson("a string contains an unpaired surrogate");
        }
    }

    private static ServingInput ReadChecked(ReadOnlySpan<byte> body, IServedModel model)
    {
        var json = new Utf8JsonReader(body);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw InvocationErrors.NotAnObject(
                json.TokenType switch
                {
                    JsonTokenType.StartArray => "a list",
                    JsonTokenType.String => "unexpected input type '<class 'str'>'",
                    JsonTokenType.Number => "unexpected input type '<class 'float'>'",
                    _ => "unexpected input type",
                }
            );
        }

        var found = new List<string>();
        var value = default(Utf8JsonReader);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (name is "dataframe_split" or "dataframe_records" or "instances" or "inputs")
            {
                value = json;
                if (!found.Contains(name))
                {
                    found.Add(name);
                }
            }
            else if (name == "params" && json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
            {
                throw ServerlessException.Invalid("Parameters must be a dictionary.", "Send `params` as an object, or omit it.");
            }

            json.Skip();
        }

        // Anything after the object makes the body invalid JSON.
        json.Read();
        return found is not [var format]
            ? throw InvocationErrors.NotOneFormat(found)
            : format switch
            {
                "dataframe_split" => InputSplit.Read(ref value, model),
                "dataframe_records" => Records(ref value, model),
                _ => Arrays(ref value, model, format == "instances"),
            };
    }

    private static ServingInput Records(ref Utf8JsonReader json, IServedModel model)
    {
        if (json.TokenType != JsonTokenType.StartArray)
        {
            throw InvocationErrors.Input($"Dataframe records format must be a list of records. Got {TypeName(json.TokenType)}.");
        }

        return InputRecords.Read(ref json, model, isFrame: true);
    }

    private static ServingInput Arrays(ref Utf8JsonReader json, IServedModel model, bool isRows)
    {
        if (json.TokenType == JsonTokenType.StartObject)
        {
            return InputArrays.ReadColumns(ref json, model);
        }

        if (json.TokenType != JsonTokenType.StartArray)
        {
            return InputArrays.ReadValue(ref json, model);
        }

        var first = json;
        first.Read();
        return first.TokenType == JsonTokenType.StartObject
            ? InputRecords.Read(ref json, model, isFrame: !isRows)
            : InputArrays.ReadRows(ref json, model);
    }

    public static string TypeName(JsonTokenType type) =>
        type switch
        {
            JsonTokenType.StartObject => "dictionary",
            JsonTokenType.StartArray => "list",
            JsonTokenType.String => "type <class 'str'>",
            JsonTokenType.Number => "type <class 'float'>",
            JsonTokenType.True or JsonTokenType.False => "type <class 'bool'>",
            _ => "type <class 'NoneType'>",
        };
}
