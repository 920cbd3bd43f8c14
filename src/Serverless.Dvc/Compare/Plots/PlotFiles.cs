using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Projects;
using Sylvan.Data.Csv;

namespace Serverless.Dvc.Compare.Plots;

/// <summary>The content of a plot's file: values, or an image.</summary>
internal sealed record PlotFile(DataNode? Values, byte[]? Image, Exception? Wrong = null);

/// <summary>Reads the files of plots.</summary>
internal static class PlotFiles
{
    private static readonly string[] Images = [".jpg", ".jpeg", ".gif", ".png", ".svg"];
    private static readonly string[] Known = [".json", ".yaml", ".yml", ".toml", ".py"];

    public static bool IsImage(string path) => Images.Contains(Path.GetExtension(path), StringComparer.Ordinal);

    public static PlotFile Read(ProjectData data, string fullPath, string shown, bool hasHeader)
    {
        try
        {
            if (IsImage(shown))
            {
                return new PlotFile(null, data.Read(fullPath));
            }

            var extension = Path.GetExtension(shown);
            if (extension is ".csv" or ".tsv")
            {
                return new PlotFile(
                    Separated(TextFile.Decode(data.Read(fullPath), shown), extension == ".tsv" ? '\t' : ',', hasHeader),
                    null
                );
            }

            return Known.Contains(extension, StringComparer.Ordinal)
                ? new PlotFile(ParamsFile.Parse(TextFile.Decode(data.Read(fullPath), shown), shown), null)
                : throw ServerlessException.Invalid($"'{shown}' - file type error\nOnly JSON, YAML, CSV and TSV formats are supported.");
        }
        catch (Exception e) when (e is FileNotFoundException or ServerlessException)
        {
            return new PlotFile(null, null, e);
        }
    }

    // Rows by the names in the first line, or by position. Every value is text, as in DVC.
    private static DataList Separated(string text, char delimiter, bool hasHeader)
    {
        using var reader = CsvDataReader.Create(
            new StringReader(text),
            new CsvDataReaderOptions { Delimiter = delimiter, HasHeaders = hasHeader }
        );
        var rows = new List<DataNode>();
        while (reader.Read())
        {
            var entries = new List<DataEntry>();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var name = hasHeader ? reader.GetName(i) : i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                entries.Add(FileValues.Entry(name, i < reader.RowFieldCount ? DataScalar.Text(reader.GetString(i)) : DataScalar.Null()));
            }

            rows.Add(new DataMap(entries));
        }

        return new DataList(rows);
    }
}
