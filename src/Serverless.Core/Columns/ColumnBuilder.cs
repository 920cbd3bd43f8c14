namespace Serverless.Core.Columns;

/// <summary>Takes the fields of one column as they are read. What type the column is, a subclass knows or finds out.</summary>
internal abstract class ColumnBuilder(string name, IReadOnlyList<string> nullTexts)
{
    public string Name { get; } = name;

    /// <summary>True if the texts of the column are needed, but were not kept: it must be read again as text.</summary>
    public virtual bool NeedsTexts => false;

    public void Append(ReadOnlySpan<char> field, long record)
    {
        if (field.IsEmpty || IsNullText(field))
        {
            AppendNull();
        }
        else
        {
            AppendValue(field, record);
        }
    }

    public abstract Column Build();

    protected abstract void AppendNull();

    protected abstract void AppendValue(ReadOnlySpan<char> field, long record);

    private bool IsNullText(ReadOnlySpan<char> field)
    {
        for (var i = 0; i < nullTexts.Count; i++)
        {
            if (field.SequenceEqual(nullTexts[i]))
            {
                return true;
            }
        }

        return false;
    }
}
