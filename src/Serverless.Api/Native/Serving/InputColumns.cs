using System.Globalization;
using System.Text.Json;
using Serverless.Serving.Invocations;

namespace Serverless.Api.Native.Serving;

/// <summary>
/// The columns of a body in order of appearance, by name. Records mostly use the same order, so the next column is tried first.
/// </summary>
internal sealed class InputColumns(IServedModel model)
{
    private readonly List<InputColumn> columns = [];
    private readonly List<JsonEncodedText> names = [];
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);
    private int next;

    public int Count => columns.Count;

    public InputColumn this[int index] => columns[index];

    /// <summary>The column of a property, created if it is new.</summary>
    public InputColumn Of(ref Utf8JsonReader property)
    {
        if (
            next < names.Count
            && property.ValueTextEquals(names[next].EncodedUtf8Bytes)
            && !names[next].EncodedUtf8Bytes.Contains((byte)'\\')
        )
        {
            return columns[next++];
        }

        var name = property.GetString()!;
        if (!indexes.TryGetValue(name, out var index))
        {
            index = Add(name);
        }

        next = index + 1;
        return columns[index];
    }

    public int Add(string name)
    {
        if (!indexes.TryAdd(name, columns.Count))
        {
            throw InvocationErrors.Input($"Two columns are named '{name}'.");
        }

        columns.Add(new InputColumn(name, model.Inputs.FirstOrDefault(i => i.Name == name), IsIgnored(name)));
        names.Add(JsonEncodedText.Encode(name));
        return columns.Count - 1;
    }

    /// <summary>Begins the next record.</summary>
    public void Rewind() => next = 0;

    public void FillTo(int rows)
    {
        foreach (var column in columns)
        {
            column.FillTo(rows);
        }
    }

    public IReadOnlyList<ServingColumn> Build() => [.. columns.Select(c => c.Build())];

    private bool IsIgnored(string name) => model.Inputs.Count > 0 && model.Inputs.All(i => i.Name != name);

    /// <summary>The name of an unnamed column: its position, as in pandas.</summary>
    public static string NameOf(int index) => index.ToString(CultureInfo.InvariantCulture);
}
