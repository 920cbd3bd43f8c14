using Serverless.Core;
using Serverless.Data.Values;

namespace Serverless.Dvc.Compare;

/// <summary>The content of a file of metrics or parameters, or why it could not be read.</summary>
internal sealed record FileValues(DataNode? Data, Exception? Wrong = null)
{
    /// <summary>Returns `{"data": …}` or `{"error": {"type": …, "msg": …}}`, as in DVC's JSON.</summary>
    public DataMap ToData() => Data is not null ? Map("data", Data) : ErrorOf(Wrong!);

    public static DataMap ErrorOf(Exception wrong) =>
        Map("error", new DataMap([Entry("type", DataScalar.Text(TypeOf(wrong))), Entry("msg", DataScalar.Text(wrong.Message))]));

    internal static DataMap Map(string key, DataNode value) => new([Entry(key, value)]);

    internal static DataEntry Entry(string key, DataNode value) => new(DataScalar.Text(key), value);

    // The names that DVC's users expect.
    private static string TypeOf(Exception wrong) =>
        wrong switch
        {
            FileNotFoundException => "FileNotFoundError",
            ServerlessException { Code: ErrorCodes.ResourceDoesNotExist } => "FileNotFoundError",
            ServerlessException e when e.Message.StartsWith("unable to read", StringComparison.Ordinal) => Path.GetExtension(
                e.Diagnostics.FirstOrDefault()?.File ?? ""
            ) switch
            {
                ".json" => "JSONFileCorruptedError",
                ".toml" => "TOMLFileCorruptedError",
                ".py" => "PythonFileCorruptedError",
                _ => "YAMLFileCorruptedError",
            },
            _ => "DvcException",
        };
}

/// <summary>The files of one revision by their path from the project's root, or why it could not be read.</summary>
internal sealed record RevisionValues(string Name, OrderedDictionary<string, FileValues> Files, Exception? Wrong)
{
    public bool IsSame(RevisionValues other) =>
        Wrong is null && other.Wrong is null && PythonEquality.AreEqual(ToData(f => f), other.ToData(f => f));

    public DataMap ToData(Func<string, string> show) =>
        Wrong is not null
            ? FileValues.ErrorOf(Wrong)
            : FileValues.Map("data", new DataMap([.. Files.Select(f => FileValues.Entry(show(f.Key), f.Value.ToData()))]));
}
